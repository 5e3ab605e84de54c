// small: number types.
// Made by hls4rs 0.1.0 from network small, digest e72a9e581912a98d.
// Backend quartus, part Arria10, clock 5 ns with 0 % uncertainty.

#ifndef HLS4RS_SMALL_DEFINES_H
#define HLS4RS_SMALL_DEFINES_H

#ifdef __INTELFPGA_COMPILER__
#include "HLS/ac_fixed.h"
#include "HLS/ac_int.h"
#include "HLS/hls.h"
#else
#include "ac_fixed.h"
#include "ac_int.h"
// Other compilers simulate the numbers, not the hardware.
#define component
#define hls_component_ii(cycles)
#define hls_max_replicates(n)
#define hls_memory_impl(kind)
#define hls_register
#define hls_scheduler_target_fmax_mhz(mhz)
#endif

typedef ac_fixed<8,3,true> jet_t;                              // jet: input
typedef ac_fixed<15,6,true> fc1_accum_t;                       // fc1: running sum
typedef ac_fixed<7,2,true> fc1_bias_t;                         // fc1: bias
typedef ac_fixed<6,2,true> fc1_weight_t;                       // fc1: weight
typedef ac_fixed<15,6,true> fc1_t;                             // fc1: result
typedef ac_fixed<8,4,false,AC_RND,AC_SAT> h1_t;                // h1: result
typedef ac_fixed<12,6,true,AC_TRN,AC_SAT> fc2_accum_t;         // fc2: running sum
typedef ac_fixed<6,1,true> fc2_bias_t;                         // fc2: bias
typedef ac_fixed<6,2,true> fc2_weight_t;                       // fc2: transposed weight
typedef ac_fixed<10,5,true> fc2_t;                             // fc2: result
typedef ac_fixed<20,3,false> probs_accum_t;                    // probs: exponentials and their sum
typedef ac_fixed<6,3,false,AC_RND,AC_SAT> probs_inv_input_t;   // probs: address of the reciprocals
typedef ac_fixed<18,1,false,AC_RND,AC_SAT> probs_exp_table_t;  // probs: exp(-x) by top bits
typedef ac_fixed<18,1,false,AC_RND,AC_SAT> probs_inv_table_t;  // probs: 1 / x by top bits
typedef ac_fixed<6,4,false,AC_RND,AC_SAT> probs_input_norm_t;  // probs: distance to the largest
typedef ac_fixed<10,1,false,AC_RND,AC_SAT> probs_t;            // probs: result

#endif

// small: number types.
// Made by hls4rs 0.1.0 from network small, digest e72a9e581912a98d.
// Backend vitis, part xcvu13p-flga2577-2-e, clock 5 ns with 27 % uncertainty.

#ifndef HLS4RS_SMALL_DEFINES_H
#define HLS4RS_SMALL_DEFINES_H

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include "ap_fixed.h"
#pragma GCC diagnostic pop
#else
#include "ap_fixed.h"
#endif

typedef ap_fixed<8,3> jet_t;                                // jet: input
typedef ap_fixed<15,6> fc1_accum_t;                         // fc1: running sum
typedef ap_fixed<7,2> fc1_bias_t;                           // fc1: bias
typedef ap_fixed<6,2> fc1_weight_t;                         // fc1: weight
typedef ap_fixed<15,6> fc1_t;                               // fc1: result
typedef ap_ufixed<8,4,AP_RND,AP_SAT,0> h1_t;                // h1: result
typedef ap_fixed<12,6,AP_TRN,AP_SAT,0> fc2_accum_t;         // fc2: running sum
typedef ap_fixed<6,1> fc2_bias_t;                           // fc2: bias
typedef ap_fixed<6,2> fc2_weight_t;                         // fc2: transposed weight
typedef ap_fixed<10,5> fc2_t;                               // fc2: result
typedef ap_ufixed<20,3> probs_accum_t;                      // probs: exponentials and their sum
typedef ap_ufixed<6,3,AP_RND,AP_SAT,0> probs_inv_input_t;   // probs: address of the reciprocals
typedef ap_ufixed<18,1,AP_RND,AP_SAT,0> probs_exp_table_t;  // probs: exp(-x) by top bits
typedef ap_ufixed<18,1,AP_RND,AP_SAT,0> probs_inv_table_t;  // probs: 1 / x by top bits
typedef ap_ufixed<6,4,AP_RND,AP_SAT,0> probs_input_norm_t;  // probs: distance to the largest
typedef ap_ufixed<10,1,AP_RND,AP_SAT,0> probs_t;            // probs: result

#ifndef __SYNTHESIS__
// Constant arrays in simulation are converted when the program starts: compilers are slow with
// initializers of many ap_fixed.
template <typename T, int N>
struct converted {
    explicit converted(const double (&from)[N]) {
        for (int i = 0; i < N; i++) {
            values[i] = from[i];
        }
    }
    const T &operator[](int i) const { return values[i]; }
    T values[N];
};
template <typename T, int N, int M>
struct converted_rows {
    explicit converted_rows(const double (&from)[N][M]) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < M; j++) {
                values[i][j] = from[i][j];
            }
        }
    }
    const T *operator[](int i) const { return values[i]; }
    T values[N][M];
};
#endif

#endif

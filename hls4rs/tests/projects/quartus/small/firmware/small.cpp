// small: the network.
// Made by hls4rs 0.1.0 from network small, digest e72a9e581912a98d.
// Backend quartus, part Arria10, clock 5 ns with 0 % uncertainty.

#include "small.h"
#include "weights/fc1_bias.h"
#include "weights/fc1_weight.h"
#include "weights/fc2_bias.h"
#include "weights/fc2_weight.h"
#include "weights/probs_exp_table.h"
#include "weights/probs_inv_table.h"

// fc1: dense, 4 to 6, latency strategy, reuse factor 2.
static void fc1(const jet_t x[4], fc1_t y[6]) {
    #pragma unroll
    for (int j = 0; j < 6; j++) {
        fc1_accum_t sum = fc1_bias[j];
        #pragma unroll
        for (int i = 0; i < 4; i++) {
            sum = sum + fc1_accum_t(x[i] * fc1_weight[i][j]);
        }
        y[j] = sum;
    }
}

// h1: relu.
static void h1(const fc1_t x[6], h1_t y[6]) {
    #pragma unroll
    for (int i = 0; i < 6; i++) {
        y[i] = x[i] > 0 ? h1_t(x[i]) : h1_t(0);
    }
}

// fc2: dense, 6 to 4, resource strategy: 3 steps of 8 multiplications.
static void fc2(const h1_t x[6], fc2_t y[4]) {
    hls_register fc2_accum_t sum[4];
    #pragma unroll
    for (int j = 0; j < 4; j++) {
        sum[j] = fc2_bias[j];
    }
    #pragma ii 1
    for (int ir = 0; ir < 3; ir++) {
        #pragma unroll
        for (int j = 0; j < 4; j++) {
            #pragma unroll
            for (int im = 0; im < 2; im++) {
                sum[j] = sum[j] + fc2_accum_t(x[ir + 3 * im] * fc2_weight[ir][2 * j + im]);
            }
        }
    }
    #pragma unroll
    for (int j = 0; j < 4; j++) {
        y[j] = sum[j];
    }
}

// probs: softmax of distances to the largest.
static void probs(const fc2_t x[4], probs_t y[4]) {
    hls_register fc2_t largest[4];
    #pragma unroll
    for (int i = 0; i < 4; i++) {
        largest[i] = x[i];
    }
    #pragma unroll
    for (int i = 0; i < 3; i += 2) {
        largest[i] = largest[i] >= largest[i + 1] ? largest[i] : largest[i + 1];
    }
    #pragma unroll
    for (int i = 0; i < 2; i += 4) {
        largest[i] = largest[i] >= largest[i + 2] ? largest[i] : largest[i + 2];
    }
    hls_register probs_accum_t exponential[4];
    hls_register probs_accum_t sum[4];
    #pragma unroll
    for (int i = 0; i < 4; i++) {
        const probs_input_norm_t distance = largest[0] - x[i];
        exponential[i] = probs_exp_table[ac_int<6, false>(distance.slc<6>(0)).to_uint()];
        sum[i] = exponential[i];
    }
    #pragma unroll
    for (int i = 0; i < 3; i += 2) {
        sum[i] = sum[i] + sum[i + 1];
    }
    #pragma unroll
    for (int i = 0; i < 2; i += 4) {
        sum[i] = sum[i] + sum[i + 2];
    }
    const probs_inv_input_t total = sum[0];
    const probs_inv_table_t reciprocal = probs_inv_table[ac_int<6, false>(total.slc<6>(0)).to_uint()];
    #pragma unroll
    for (int i = 0; i < 4; i++) {
        y[i] = exponential[i] * reciprocal;
    }
}

hls_scheduler_target_fmax_mhz(200)
hls_component_ii(3)
component small_result small(jet_data jet) {
    hls_register small_result result;
    hls_register fc1_t fc1_out[6];
    fc1(jet.data, fc1_out);
    hls_register h1_t h1_out[6];
    h1(fc1_out, h1_out);
    hls_register fc2_t fc2_out[4];
    fc2(h1_out, fc2_out);
    probs(fc2_out, result.probs_out);
    return result;
}

// small: the network.
// Made by hls4rs 0.1.0 from network small, digest e72a9e581912a98d.
// Backend vitis, part xcvu13p-flga2577-2-e, clock 5 ns with 27 % uncertainty.

#include "small.h"
#include "weights/fc1_bias.h"
#include "weights/fc1_weight.h"
#include "weights/fc2_bias.h"
#include "weights/fc2_weight.h"
#include "weights/probs_exp_table.h"
#include "weights/probs_inv_table.h"

// fc1: dense, 4 to 6, latency strategy, reuse factor 2.
static void fc1(const jet_t x[4], fc1_t y[6]) {
    #pragma HLS PIPELINE        II=2
    #pragma HLS ALLOCATION      operation instances=mul limit=12
    #pragma HLS ARRAY_PARTITION variable=fc1_weight complete dim=0
    #pragma HLS ARRAY_PARTITION variable=fc1_bias complete dim=0

    for (int j = 0; j < 6; j++) {
        #pragma HLS UNROLL
        fc1_accum_t sum = fc1_bias[j];
        for (int i = 0; i < 4; i++) {
            #pragma HLS UNROLL
            sum = sum + fc1_accum_t(x[i] * fc1_weight[i][j]);
        }
        y[j] = sum;
    }
}

// h1: relu.
static void h1(const fc1_t x[6], h1_t y[6]) {
    #pragma HLS PIPELINE        II=1

    for (int i = 0; i < 6; i++) {
        #pragma HLS UNROLL
        y[i] = x[i] > 0 ? h1_t(x[i]) : h1_t(0);
    }
}

// fc2: dense, 6 to 4, resource strategy: 3 steps of 8 multiplications.
static void fc2(const h1_t x[6], fc2_t y[4]) {
    #pragma HLS ARRAY_RESHAPE   variable=fc2_weight complete dim=2
    #pragma HLS BIND_STORAGE    variable=fc2_weight type=rom_1p impl=bram
    #pragma HLS ARRAY_PARTITION variable=fc2_bias complete dim=0

    fc2_accum_t sum[4];
    #pragma HLS ARRAY_PARTITION variable=sum complete dim=0
    for (int j = 0; j < 4; j++) {
        #pragma HLS UNROLL
        sum[j] = fc2_bias[j];
    }
    for (int ir = 0; ir < 3; ir++) {
        #pragma HLS PIPELINE II=1 rewind
        for (int j = 0; j < 4; j++) {
            #pragma HLS UNROLL
            for (int im = 0; im < 2; im++) {
                #pragma HLS UNROLL
                sum[j] = sum[j] + fc2_accum_t(x[ir + 3 * im] * fc2_weight[ir][2 * j + im]);
            }
        }
    }
    for (int j = 0; j < 4; j++) {
        #pragma HLS UNROLL
        y[j] = sum[j];
    }
}

// probs: softmax of distances to the largest.
static void probs(const fc2_t x[4], probs_t y[4]) {
    #pragma HLS PIPELINE        II=1
    #pragma HLS BIND_STORAGE    variable=probs_exp_table type=rom_np
    #pragma HLS BIND_STORAGE    variable=probs_inv_table type=rom_np

    fc2_t largest[4];
    #pragma HLS ARRAY_PARTITION variable=largest complete dim=0
    for (int i = 0; i < 4; i++) {
        #pragma HLS UNROLL
        largest[i] = x[i];
    }
    for (int i = 0; i < 3; i += 2) {
        #pragma HLS UNROLL
        largest[i] = largest[i] >= largest[i + 1] ? largest[i] : largest[i + 1];
    }
    for (int i = 0; i < 2; i += 4) {
        #pragma HLS UNROLL
        largest[i] = largest[i] >= largest[i + 2] ? largest[i] : largest[i + 2];
    }
    probs_accum_t exponential[4];
    #pragma HLS ARRAY_PARTITION variable=exponential complete dim=0
    probs_accum_t sum[4];
    #pragma HLS ARRAY_PARTITION variable=sum complete dim=0
    for (int i = 0; i < 4; i++) {
        #pragma HLS UNROLL
        const probs_input_norm_t distance = largest[0] - x[i];
        exponential[i] = probs_exp_table[distance.range(5, 0).to_uint()];
        sum[i] = exponential[i];
    }
    for (int i = 0; i < 3; i += 2) {
        #pragma HLS UNROLL
        sum[i] = sum[i] + sum[i + 1];
    }
    for (int i = 0; i < 2; i += 4) {
        #pragma HLS UNROLL
        sum[i] = sum[i] + sum[i + 2];
    }
    const probs_inv_input_t total = sum[0];
    const probs_inv_table_t reciprocal = probs_inv_table[total.range(5, 0).to_uint()];
    for (int i = 0; i < 4; i++) {
        #pragma HLS UNROLL
        y[i] = exponential[i] * reciprocal;
    }
}

void small(const jet_t jet[4], probs_t probs_out[4]) {
    #pragma HLS ARRAY_RESHAPE   variable=jet complete dim=0
    #pragma HLS ARRAY_PARTITION variable=probs_out complete dim=0
    #pragma HLS INTERFACE       ap_vld port=jet,probs_out
    #pragma HLS DATAFLOW

    fc1_t fc1_out[6];
    #pragma HLS ARRAY_PARTITION variable=fc1_out complete dim=0
    fc1(jet, fc1_out);
    h1_t h1_out[6];
    #pragma HLS ARRAY_PARTITION variable=h1_out complete dim=0
    h1(fc1_out, h1_out);
    fc2_t fc2_out[4];
    #pragma HLS ARRAY_PARTITION variable=fc2_out complete dim=0
    fc2(h1_out, fc2_out);
    probs(fc2_out, probs_out);
}

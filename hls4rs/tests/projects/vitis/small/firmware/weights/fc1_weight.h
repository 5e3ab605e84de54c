// fc1: weight, 4 x 6 values of fixed<6,2>
// Made by hls4rs 0.1.0 from network small, digest e72a9e581912a98d.
// Backend vitis, part xcvu13p-flga2577-2-e, clock 5 ns with 27 % uncertainty.

#ifndef HLS4RS_SMALL_WEIGHTS_FC1_WEIGHT_H
#define HLS4RS_SMALL_WEIGHTS_FC1_WEIGHT_H

#include "../defines.h"

#ifdef __SYNTHESIS__
static const fc1_weight_t fc1_weight[4][6] = {
#else
static const double fc1_weight_values[4][6] = {
#endif
    {1.25, 1.6875, 1.4375, 0.3125, -1.375, -0.375},
    {1.875, 0.3125, -1.125, -1.5625, -1.6875, -1.0625},
    {-0.8125, 0.375, 0.6875, -1.3125, 1.125, -0.3125},
    {-1, -0.9375, 1.25, 1.3125, 0.375, -0.1875},
};
#ifndef __SYNTHESIS__
static const converted_rows<fc1_weight_t, 4, 6> fc1_weight(fc1_weight_values);
#endif

#endif

// fc2: transposed weight, 3 x 8 values of fixed<6,2>
// Made by hls4rs 0.1.0 from network small, digest e72a9e581912a98d.
// Backend vitis, part xcvu13p-flga2577-2-e, clock 5 ns with 27 % uncertainty.

#ifndef HLS4RS_SMALL_WEIGHTS_FC2_WEIGHT_H
#define HLS4RS_SMALL_WEIGHTS_FC2_WEIGHT_H

#include "../defines.h"

#ifdef __SYNTHESIS__
static const fc2_weight_t fc2_weight[3][8] = {
#else
static const double fc2_weight_values[3][8] = {
#endif
    {1.875, 0.1875, -1.1875, -1.3125, -0.1875, -1.5, -0.875, 1.5},
    {-0.3125, 1.4375, 1.6875, -1.875, 0.4375, -0.625, 1.5, -0.625},
    {0.8125, -1.8125, 0.3125, -0.4375, 0.5625, 0.875, 0, 1.6875},
};
#ifndef __SYNTHESIS__
static const converted_rows<fc2_weight_t, 3, 8> fc2_weight(fc2_weight_values);
#endif

#endif

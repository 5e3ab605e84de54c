// fc1: bias, 6 values of fixed<7,2>
// Made by hls4rs 0.1.0 from network small, digest e72a9e581912a98d.
// Backend quartus, part Arria10, clock 5 ns with 0 % uncertainty.

#ifndef HLS4RS_SMALL_WEIGHTS_FC1_BIAS_H
#define HLS4RS_SMALL_WEIGHTS_FC1_BIAS_H

#include "../defines.h"

static const fc1_bias_t fc1_bias[6] = {
    -2, 1.375, 1.125, -1.8125, 0.09375, 1.84375,
};

#endif

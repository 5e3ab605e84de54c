// fc2: bias, 4 values of fixed<6,1>
// Made by hls4rs 0.1.0 from network small, digest e72a9e581912a98d.
// Backend quartus, part Arria10, clock 5 ns with 0 % uncertainty.

#ifndef HLS4RS_SMALL_WEIGHTS_FC2_BIAS_H
#define HLS4RS_SMALL_WEIGHTS_FC2_BIAS_H

#include "../defines.h"

static const fc2_bias_t fc2_bias[4] = {
    0.59375, 0.21875, 0.8125, -0.53125,
};

#endif

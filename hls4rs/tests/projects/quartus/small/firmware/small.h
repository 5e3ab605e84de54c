// small: the component.
// Made by hls4rs 0.1.0 from network small, digest e72a9e581912a98d.
// Backend quartus, part Arria10, clock 5 ns with 0 % uncertainty.

#ifndef HLS4RS_SMALL_H
#define HLS4RS_SMALL_H

#include "defines.h"

struct jet_data {
    jet_t data[4];
};

struct small_result {
    probs_t probs_out[4];
};

component small_result small(jet_data jet);

#endif

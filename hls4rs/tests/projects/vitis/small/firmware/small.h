// small: the top function.
// Made by hls4rs 0.1.0 from network small, digest e72a9e581912a98d.
// Backend vitis, part xcvu13p-flga2577-2-e, clock 5 ns with 27 % uncertainty.

#ifndef HLS4RS_SMALL_H
#define HLS4RS_SMALL_H

#include "defines.h"

void small(const jet_t jet[4], probs_t probs_out[4]);

#endif

# Made by hls4rs 0.1.0 from network small, digest e72a9e581912a98d.
# Backend vitis, part xcvu13p-flga2577-2-e, clock 5 ns with 27 % uncertainty.
set project_name "small"
set top_name "small"
set part "xcvu13p-flga2577-2-e"
set clock_period 5
set clock_uncertainty 27%
set version "1.0.0"

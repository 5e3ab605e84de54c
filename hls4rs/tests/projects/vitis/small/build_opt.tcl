# The steps of build_prj.tcl; arguments such as "csim=0 cosim=1" come before these values.
array set opt {
    reset      0
    csim       1
    synth      1
    cosim      0
    validation 0
    export     0
    vsynth     0
    fifo_opt   0
}

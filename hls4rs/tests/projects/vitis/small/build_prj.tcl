# Builds the project; the steps are chosen in build_opt.tcl or by arguments such as "reset=1 csim=0 cosim=1".
set tcldir [file dirname [file normalize [info script]]]
cd $tcldir
source project.tcl
source build_opt.tcl

if {[info exists ::argv]} {
    foreach word [split [join $::argv]] {
        if {[regexp {^(\w+)=(\w+)$} $word match name value]} {
            if {![info exists opt($name)]} {
                puts "ERROR: unknown option $name; known are [lsort [array names opt]]"
                exit 1
            }
            set opt($name) $value
        }
    }
}

# Runs a step and says how long it took.
proc step {name body} {
    puts "***** $name *****"
    set start [clock seconds]
    uplevel 1 $body
    set seconds [expr {[clock seconds] - $start}]
    puts "***** $name: [expr {$seconds / 60}] min [expr {$seconds % 60}] s *****"
}

proc contents {path} {
    set file [open $path r]
    set text [read $file]
    close $file
    return $text
}

set csim_log tb_data/csim_results.log
set cosim_log tb_data/rtl_cosim_results.log
set flags "-std=c++14"

if {$opt(reset)} {
    open_project -reset ${project_name}_prj
} else {
    open_project ${project_name}_prj
}
set_top $top_name
add_files firmware/${project_name}.cpp -cflags $flags
add_files -tb ${project_name}_test.cpp -cflags $flags
add_files -tb decimal.h
add_files -tb raw_values.h
add_files -tb tb_data
if {$opt(reset)} {
    open_solution -reset solution1
} else {
    open_solution solution1
}
catch {config_array_partition -maximum_size 4096}
config_compile -name_max_length 80
set_part $part
config_schedule -enable_dsp_full_reg=false
create_clock -period $clock_period -name default
set_clock_uncertainty $clock_uncertainty default

if {$opt(fifo_opt)} {
    puts "INFO: fifo_opt has nothing to do, as this project has no streams"
}
if {$opt(csim)} {
    step "C SIMULATION" { csim_design }
}
if {$opt(synth)} {
    step "C/RTL SYNTHESIS" { csynth_design }
}
if {$opt(cosim)} {
    step "C/RTL SIMULATION" {
        add_files -tb ${project_name}_test.cpp -cflags "$flags -DRTL_SIM"
        cosim_design
    }
}
if {$opt(validation)} {
    step "C/RTL VALIDATION" {
        if {![file exists $csim_log] || ![file exists $cosim_log] || [contents $csim_log] ne [contents $cosim_log]} {
            puts "ERROR: $csim_log and $cosim_log are not the same"
            exit 1
        }
        puts "INFO: C and RTL simulation gave the same results"
    }
}
if {$opt(export)} {
    step "EXPORT IP" { export_design -format ip_catalog -version $version }
}
if {$opt(vsynth)} {
    step "VIVADO SYNTHESIS" {
        if {![file exists ${project_name}_prj/solution1/syn/verilog]} {
            puts "ERROR: there is no Verilog yet; run with synth=1"
            exit 1
        }
        exec vivado -mode batch -source vivado_synth.tcl >@ stdout
    }
}
exit

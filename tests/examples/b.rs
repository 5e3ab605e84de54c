fn main(){ println!("{:?}", hls4rs_tests::bench::run(&hls4rs_tests::bench::Bench{peer: std::env::args().nth(1).map(Into::into), seconds:0.5})); }

fn main(){ let _=hls4rs_tests::golden::run(&hls4rs_tests::golden::Replay{filter:std::env::args().nth(1),verbose:false,dir:None}).map_err(|e| println!("{e}")); }

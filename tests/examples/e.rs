use hls4rs_tests::{random::*,rng::Rng,oracle,simulate::Simulation};
fn main(){
 use rayon::prelude::*;
 let a: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
 let bad: usize = (0..std::env::args().nth(2).unwrap().parse::<usize>().unwrap()).into_par_iter().map(|n| {
  let net = network(a, n, |_| true);
  let ss=samples(&net,&mut Rng::of(a,n as u64),70);
  let r=std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| Simulation::new(&net).raw(&ss)));
  let Ok(r)=r else { println!("net {n} panic"); return 1 };
  for (s,e) in ss.iter().zip(r) {
   let o=oracle::outputs(&net,s);
   if o!=e { println!("net {n} differs: {:?}", net.graph().nodes().iter().map(|n| n.name.clone()).collect::<Vec<_>>()); return 1; }
  }
  0 }).sum();
 println!("bad {bad}");
}

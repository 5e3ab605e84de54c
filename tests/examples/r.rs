use hls4rs_tests::{random::*,rng::Rng,oracle};
fn main(){
 use rayon::prelude::*;
 let a: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
 let bad: usize = (0..std::env::args().nth(2).unwrap().parse::<usize>().unwrap()).into_par_iter().map(|n| {
  let net = network(a, n, |f| f.spelled_by_ac()); let any=net.for_any_input();
  let mut bad=0;
  for s in samples(&net,&mut Rng::of(a,n as u64),60) {
   let o=oracle::outputs(&net,&s); let p=oracle::outputs(&any,&s);
   if o!=p { println!("any differs {n}"); bad=1; break; }
   for (&id,v) in any.graph().outputs().iter().zip(&o) { for (r,&v) in any.facts(id).range.elements.iter().zip(v) { let w=hls4rs_fixed::Wide::from_i128(v); if w<r.lo||w>r.hi { println!("net {n} {} {} not in {:?} {:?}", any.graph().node(id).name, w, r, any.graph().node(id).op); bad=1; return 1; } } }
  }
  bad }).sum();
 println!("bad {bad}");
}

use hls4rs_tests::{random::*,rng::Rng,oracle};
fn main(){
 let a: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
 let n: usize=std::env::args().nth(2).unwrap().parse::<usize>().unwrap();
  let net = network(a, n, |f| f.spelled_by_ac()); let any=net.for_any_input();
  for (_,node,f) in any.iter() { println!("{} {:?} strat {:?} rf {} in {:?} formats {:?} acc {:?} range0 {:?} values {:?}", node.name, node.op, node.strategy, node.reuse_factor, node.inputs, f.formats, f.accumulation, f.range.elements[0], node.values.iter().map(|(s,v)| (s,v.shape().to_string(), f.constants.get(s).map(|c| c.raw[..c.raw.len().min(10)].to_vec()))).collect::<Vec<_>>()); }
  for s in samples(&net,&mut Rng::of(a,n as u64),60) {
   let p=oracle::outputs(&any,&s);
   for (&id,v) in any.graph().outputs().iter().zip(&p) { for (k,(r,&v)) in any.facts(id).range.elements.iter().zip(v).enumerate() { let w=hls4rs_fixed::Wide::from_i128(v); if w<r.lo||w>r.hi { println!("{} el {k} {} not in {:?} inputs {s:?}", any.graph().node(id).name, w, r); return; } } }
  }
}

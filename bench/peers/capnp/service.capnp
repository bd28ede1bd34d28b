@0xd3c1a9f7b5e80642;

# The service of the benchmarks, for Cap'n Proto.

struct Item {
  id @0 :Int64;
  name @1 :Text;
  ok @2 :Bool;
}

interface Profile {
  name @0 () -> (name :Text);
}

interface User {
  profile @0 () -> (profile :Profile);
}

interface Increment {
  call @0 (x :Float64) -> (result :Float64);
}

interface Service {
  add @0 (a :Float64, b :Float64) -> (result :Float64);
  echo @1 (text :Text) -> (text :Text);
  sum @2 (numbers :List(Float64)) -> (result :Float64);
  list @3 () -> (items :List(Item));
  authenticate @4 (id :Int64) -> (user :User);
  callMe @5 (function :Increment, x :Float64) -> (result :Float64);
}

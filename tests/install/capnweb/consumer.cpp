#include <capnweb/capnweb.hpp>
#include <cstdio>

int main() {
  const capnweb::Value greeting("hello");
  std::puts("consumer: a value was made");
  return greeting == capnweb::Value("hello") ? 0 : 1;
}

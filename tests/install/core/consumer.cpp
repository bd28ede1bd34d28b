#include <capnweb/value.hpp>
#include <cstdio>

int main() {
  const capnweb::Value greeting("hello");
  const capnweb::Value copy = greeting;
  std::puts("consumer: a value was made and copied");
  return copy == greeting ? 0 : 1;
}

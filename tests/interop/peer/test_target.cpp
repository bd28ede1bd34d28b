#include "peer/test_target.hpp"

namespace interop {

Value TestTarget::call_square(const Stub<TestTarget>& self, double i) const {
  return capnweb::Object{{"result", self->square(i)}};
}

Task<Value> TestTarget::call_function(Function<Value(Value)> function, Value argument) const {
  capnweb::Object answer;
  answer.set("result", co_await function(std::move(argument)));
  co_return answer;
}

std::vector<double> TestTarget::generate_fibonacci(int length) const {
  std::vector<double> numbers;
  double last = 1;
  double next = 0;
  for (int i = 0; i < length; ++i) {
    numbers.push_back(next);
    next += std::exchange(last, next);
  }
  return numbers;
}

}  // namespace interop

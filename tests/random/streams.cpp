#include "random/streams.hpp"

#include <capnweb/detail/sink.hpp>
#include <capnweb/detail/stream.hpp>
#include <capnweb/value.hpp>
#include <memory>
#include <utility>

namespace capnweb::testing {

namespace {

using detail::HookRef;
using detail::Resolver;

class SumSink final : public detail::Sink {
 public:
  explicit SumSink(Resolver sum) : resolver_(std::move(sum)) {}

 private:
  HookRef write(Value chunk) override {
    sum_ += chunk.get<double>();
    return detail::make_resolved({});
  }
  HookRef close() override {
    resolver_.resolve(sum_);
    return detail::make_resolved({});
  }
  void abort(const Error& reason) override { resolver_.reject(reason); }

  Resolver resolver_;
  double sum_ = 0;
};

}  // namespace

HookRef write_numbers(const HookRef& writable, double count, bool is_torn) {
  for (double i = 1; i <= count; ++i) static_cast<void>(detail::write_stream(writable, i));
  return is_torn ? detail::abort_stream(writable, Error::range_error("torn"))
                 : detail::close_stream(writable);
}

HookRef make_sum_sink(Resolver sum) {
  return detail::make_sink_hook(std::make_unique<SumSink>(std::move(sum)));
}

HookRef sum_of(const HookRef& readable) {
  Resolver sum;
  HookRef promise = sum.promise();
  static_cast<void>(detail::move_stream(readable, make_sum_sink(std::move(sum))));
  return promise;
}

}  // namespace capnweb::testing

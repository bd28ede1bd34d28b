#include "cap/bytes_source.hpp"

#include <algorithm>
#include <capnweb/detail/outcome.hpp>
#include <capnweb/detail/resolver.hpp>
#include <capnweb/value.hpp>
#include <optional>
#include <utility>

namespace capnweb::detail {

namespace {

// Small enough that other messages of the session come between.
constexpr std::size_t kChunk = 64 * 1024;

class BytesSource final : public ReadableHook {
 public:
  explicit BytesSource(Bytes bytes) : bytes_(std::move(bytes)) {}

  HookRef read() override {
    if (canceled_) return make_rejected(*canceled_);
    const std::size_t size = std::min(kChunk, bytes_.size() - read_);
    if (size == 0) return make_resolved({});
    Array one;
    one.emplace_back(Bytes(bytes_.span().subspan(read_, size)));
    read_ += size;
    return make_resolved(Value(std::move(one)));
  }

  void cancel(Error reason) override { canceled_ = std::move(reason); }

 private:
  Bytes bytes_;
  std::size_t read_ = 0;
  std::optional<Error> canceled_;
};

}  // namespace

Ref<ReadableHook> make_bytes_source(Bytes bytes) { return make_ref<BytesSource>(std::move(bytes)); }

}  // namespace capnweb::detail

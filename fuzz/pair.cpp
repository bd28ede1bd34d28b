// pair.cpp: two sessions joined in memory. The input is a program for each end, and the order in
// which steps and messages come; see tests/random.
#include <algorithm>
#include <string>

#include "random/encounter.hpp"
#include "support/bytes.hpp"
#include "support/target.hpp"

namespace capnweb::fuzz {
namespace {

class Bytes final : public testing::Choices {
 public:
  explicit Bytes(std::string_view bytes) noexcept : reader_(bytes) {}
  std::size_t below(std::size_t count) override { return reader_.below(count); }

 private:
  ByteReader reader_;
};

}  // namespace
}  // namespace capnweb::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace capnweb;
  // A step takes five bytes of its program; the last third is left for the order.
  const std::size_t steps = std::min<std::size_t>(size / 15, 200);
  fuzz::Bytes bytes(fuzz::as_text(data, size));
  const auto alices = testing::make_program(bytes, steps, testing::Partner::kOurs);
  const auto bobs = testing::make_program(bytes, steps, testing::Partner::kOurs);
  const std::string wrong = testing::play_together(alices, bobs, bytes);
  fuzz::require(wrong.empty(), "the sessions did not do what the programs say", wrong);
  return 0;
}

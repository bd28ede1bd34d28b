#include "cap/stream_budget.hpp"

#include <string>

namespace capnweb::detail {

namespace {

constexpr std::size_t kScalar = 16;
constexpr std::size_t kSmall = 8;
constexpr std::size_t kDeepest = 64;

std::size_t estimate(const Value& value, std::size_t depth) {
  if (depth > kDeepest) return kSmall;
  if (const auto* text = value.get_if<std::string>()) return kScalar + text->size();
  if (const auto* bytes = value.get_if<Bytes>()) return kScalar + bytes->size();
  if (const auto* blob = value.get_if<Blob>()) return kScalar + blob->bytes.size();
  std::size_t size = kScalar;
  if (const auto* array = value.get_if<Array>()) {
    for (const Value& item : *array) size += kSmall + estimate(item, depth + 1);
  } else if (const auto* object = value.get_if<Object>()) {
    for (const auto& [key, item] : *object) size += kSmall + key.size() + estimate(item, depth + 1);
  }
  return size;
}

}  // namespace

std::size_t estimate_size(const Value& value) { return estimate(value, 0); }

Error StreamBudget::exceeded() const {
  return Error::range_error("More than " + std::to_string(limit_) +
                            " bytes of this session's streams wait to be read; write no faster "
                            "than writes are acknowledged, or raise Limits::max_stream_buffer.");
}

}  // namespace capnweb::detail

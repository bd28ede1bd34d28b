#include <algorithm>
#include <capnweb/detail/convert_numbers.hpp>
#include <capnweb/detail/plain_writer.hpp>
#include <charconv>
#include <cmath>
#include <utility>

#include "value/json_writer.hpp"
#include "value/number.hpp"
#include "value/text_scan.hpp"

namespace capnweb::detail {

namespace {

constexpr std::size_t kFirst = 4096;
// A larger buffer is not kept for the next result.
constexpr std::size_t kKeep = 64 * 1024;

template <class T>
void write_bigint(PlainWriter& out, T integer) {
  out.raw(R"(["bigint",")");
  out.raw(std::to_string(integer));
  out.raw("\"]");
}

}  // namespace

thread_local PlainWriter::Buffer PlainWriter::spare;

PlainWriter::PlainWriter() noexcept : buffer_(std::exchange(spare, Buffer())) {
  next_ = buffer_.bytes.get();
  end_ = next_ + buffer_.capacity;
}

PlainWriter::~PlainWriter() {
  if (buffer_.capacity <= kKeep) spare = std::move(buffer_);
}

void PlainWriter::grow(std::size_t size) {
  const std::size_t used = this->size();
  const std::size_t capacity = std::max({kFirst, 2 * buffer_.capacity, used + size});
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (used != 0) std::memcpy(larger.get(), buffer_.bytes.get(), used);
  buffer_ = {std::move(larger), capacity};
  next_ = buffer_.bytes.get() + used;
  end_ = buffer_.bytes.get() + capacity;
}

void PlainWriter::number(double number) {
  if (number == 0 && std::signbit(number)) {
    has_failed_ = true;  // JSON's 0 would not be it, for who looks into the value here (V-8)
  } else if (std::isfinite(number)) {
    next_ += print_number(number, make_room(kMaxNumberText));
  } else if (std::isnan(number)) {
    raw(R"(["nan"])");
  } else {
    raw(number > 0 ? R"(["inf"])" : R"(["-inf"])");
  }
}

// A number while a double holds it exactly, else a bigint.
void PlainWriter::integer(std::int64_t integer) {
  if (integer >= 0) return this->integer(static_cast<std::uint64_t>(integer));
  if (integer < -kMostExact) return write_bigint(*this, integer);
  char* const place = make_room(kMaxNumberText);
  next_ = std::to_chars(place, place + kMaxNumberText, integer).ptr;
}

void PlainWriter::integer(std::uint64_t integer) {
  if (integer > static_cast<std::uint64_t>(kMostExact)) return write_bigint(*this, integer);
  char* const place = make_room(kMaxNumberText);
  next_ = std::to_chars(place, place + kMaxNumberText, integer).ptr;
}

void PlainWriter::string(std::string_view text) {
  char* const place = make_room(text.size() + 2);
  if (copy_plain_json(place + 1, text.data(), text.size())) {
    place[0] = place[text.size() + 1] = '"';
    next_ = place + text.size() + 2;
  } else {
    std::string escaped;
    write_json_string(escaped, text);
    raw(escaped);
  }
}

}  // namespace capnweb::detail

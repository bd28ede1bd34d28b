#include "value/json_writer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "value/number.hpp"
#include "value/text_scan.hpp"
#include "value/utf.hpp"

namespace capnweb {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// How far the scan runs ahead of the copying, so that the copy finds the text in the cache.
constexpr std::ptrdiff_t kBlock = 4096;

void write_unicode_escape(std::string& out, std::uint32_t unit) {
  const char text[] = {
      '\\', 'u', kHex[unit >> 12], kHex[(unit >> 8) & 15], kHex[(unit >> 4) & 15], kHex[unit & 15]};
  out.append(text, sizeof text);
}

void write_ascii_escape(std::string& out, char c) {
  constexpr std::string_view kCharacters = "\"\\\b\t\n\f\r";
  constexpr std::string_view kLetters = "\"\\btnfr";
  const std::size_t found = kCharacters.find(c);
  if (found == std::string_view::npos) {
    write_unicode_escape(out, static_cast<unsigned char>(c));
  } else {
    const char text[] = {'\\', kLetters[found]};
    out.append(text, 2);
  }
}

// The first character from `p` on that does not stand for itself, or where the block ends, and the
// character that it may cut.
const char* find_unprintable(const char* begin, const char* p, const char* block_end,
                             const char* end) {
  while (p < block_end) {
    p = find_not_plain_json(begin, p, block_end);
    if (p == block_end || static_cast<signed char>(*p) >= 0) return p;
    const char* const ascii = skip_non_ascii(p, end);
    if (ascii == p) return p;
    p = ascii;
  }
  return p;
}

// Writes what stands for the character at `p`; returns where the next one is.
const char* write_unprintable(std::string& out, const char* p, const char* end) {
  if (static_cast<signed char>(*p) >= 0) {
    write_ascii_escape(out, *p);
    return p + 1;
  }
  const CodePoint surrogate = decode_wtf8(p, end);
  if (surrogate.size != 0) {
    write_unicode_escape(out, surrogate.value);
    return p + surrogate.size;
  }
  // What is no text must not make the message unreadable for the peer.
  out += kReplacement;
  return p + 1;
}

// Prints the values of a tape until the text is longer than wanted, which bounds both the time and
// the depth of the recursion (L-10).
class Quoter {
 public:
  explicit Quoter(std::size_t max_bytes)
      : max_bytes_(std::min(max_bytes, std::numeric_limits<std::size_t>::max() - kMaxCharacter)) {}

  void quote(JsonView value) {
    switch (value.type()) {
      case JsonType::kNull:
        out_ += "null";
        break;
      case JsonType::kFalse:
        out_ += "false";
        break;
      case JsonType::kTrue:
        out_ += "true";
        break;
      case JsonType::kNumber:
        quote_number(value.number());
        break;
      case JsonType::kString:
        // Clipped to more than there is room for, lest it look complete.
        write_json_string(out_, clip_bytes(value.string(), max_bytes_ + kMaxCharacter));
        break;
      case JsonType::kArray:
      case JsonType::kObject:
        quote_elements(value);
        break;
    }
  }

  std::string take() {
    if (out_.size() <= max_bytes_) return std::move(out_);
    return std::string(clip_bytes(out_, max_bytes_)) + "...";
  }

 private:
  static constexpr std::size_t kMaxCharacter = 4;  // bytes

  bool is_full() const { return out_.size() > max_bytes_; }

  // JSON.stringify has no literal for what is infinite.
  void quote_number(double number) {
    if (std::isfinite(number)) {
      write_json_number(out_, number);
    } else {
      out_ += "null";
    }
  }

  void quote_elements(JsonView value) {
    const bool is_object = value.is_object();
    out_ += is_object ? '{' : '[';
    bool is_first = true;
    bool is_key = is_object;
    for (const JsonView element : value) {
      if (is_full()) return;
      if (!is_first) out_ += is_object && !is_key ? ':' : ',';
      quote(element);
      is_first = false;
      is_key = is_object && !is_key;
    }
    out_ += is_object ? '}' : ']';
  }

  const std::size_t max_bytes_;
  std::string out_;
};

}  // namespace

void write_json_string(std::string& out, std::string_view text) {
  out.reserve(out.size() + text.size() + 2);
  out += '"';
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* run = begin;  // what has been looked at from here on is copied as it is
  while (run != end) {
    const char* const block_end = end - run > kBlock ? run + kBlock : end;
    const char* const p = find_unprintable(begin, run, block_end, end);
    out.append(run, p);
    run = p < block_end ? write_unprintable(out, p, end) : p;
  }
  out += '"';
}

void write_json_number(std::string& out, double number) {
  char text[kMaxNumberText];
  out.append(text, print_number(number, text));
}

void write_json_integer(std::string& out, long long number) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

std::string quote_json(JsonView value, std::size_t max_bytes) {
  Quoter quoter(max_bytes);
  quoter.quote(value);
  return quoter.take();
}

}  // namespace capnweb

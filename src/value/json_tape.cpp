#include "value/json_tape.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "value/json_reader.hpp"
#include "value/number.hpp"
#include "value/text_scan.hpp"
#include "value/utf.hpp"

namespace capnweb {
namespace {

constexpr std::size_t kFirstNodes = 64;
// What a tape keeps for the next message even if that is small: 1 MiB of nodes, 1 MiB of text.
constexpr std::size_t kKeptNodes = std::size_t{1} << 16;
constexpr std::size_t kKeptText = std::size_t{1} << 20;

bool is_ascii(char c) { return static_cast<signed char>(c) >= 0; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// The value of a hexadecimal digit, or more than 15.
std::uint32_t hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<std::uint32_t>(lower - 'a' + 10) : 16;
}

// The four digits of a \u escape at `p`, or more than 0xFFFF.
std::uint32_t hex_unit(const char* p, const char* end) {
  constexpr std::uint32_t kNoUnit = 0x10000;
  if (end - p < 4) return kNoUnit;
  std::uint32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t digit = hex_value(p[i]);
    if (digit > 15) return kNoUnit;
    unit = unit << 4 | digit;
  }
  return unit;
}

// The character that a backslash and `c` stand for, or 0.
char unescape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

// A byte for an error text, which must stay readable whatever the byte is.
std::string quote_byte(char c) {
  if (c > ' ' && c < 0x7F) return {'\'', c, '\''};
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(c);
  return {'0', 'x', kHex[value >> 4], kHex[value & 15]};
}

}  // namespace

Expected<JsonView> JsonTape::parse(std::string_view text, std::size_t max_nesting) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max())
    return Error::syntax_error("JSON of more than 4 GiB");
  // One huge message must not keep its memory while small ones follow.
  if (node_capacity_ > kKeptNodes && text.size() < node_capacity_ / 8) {
    nodes_.reset();
    node_capacity_ = 0;
  }
  if (unescaped_capacity_ > kKeptText && text.size() < unescaped_capacity_ / 8) {
    unescaped_.reset();
    unescaped_capacity_ = 0;
  }
  return JsonReader(*this, text, max_nesting).read();
}

JsonReader::JsonReader(JsonTape& tape, std::string_view text, std::size_t max_nesting) noexcept
    : tape_(tape),
      begin_(text.data()),
      end_(text.data() + text.size()),
      nodes_(tape.nodes_.get()),
      capacity_(tape.node_capacity_),
      room_(max_nesting) {}

Expected<JsonView> JsonReader::read() {
  const char* p = read_all(begin_);
  if (p) {
    p = skip_space(p);
    if (p == end_) return JsonView(nodes_);
    fail(Problem::kAfterEnd, p);
  }
  return error();
}

// Every step below leaves `p` where the next value is due, or has closed the outermost one.
const char* JsonReader::read_all(const char* p) {
  do {
    p = skip_space(p);
    if (p == end_) return fail(Problem::kUnexpected, p);
    switch (*p) {
      case '"':
        p = read_string(p + 1);
        break;
      case '[':
        p = open(p, JsonType::kArray);
        continue;
      case '{':
        p = open(p, JsonType::kObject);
        continue;
      case 't':
        p = read_word(p, "true", JsonType::kTrue);
        break;
      case 'f':
        p = read_word(p, "false", JsonType::kFalse);
        break;
      case 'n':
        p = read_word(p, "null", JsonType::kNull);
        break;
      default:
        p = read_number(p);
    }
    if (p) p = after_value(p);
  } while (p && open_ != kNone);
  return p;
}

const char* JsonReader::open(const char* p, JsonType type) {
  if (room_ == 0) return fail(Problem::kTooDeep, p);
  --room_;
  JsonNode& node = add_node(type);
  node.size = 0;
  node.next = open_;
  open_ = static_cast<std::uint64_t>(&node - nodes_);
  p = skip_space(p + 1);
  if (p != end_ && *p == (type == JsonType::kArray ? ']' : '}')) {
    close();
    return after_value(p + 1);
  }
  return type == JsonType::kArray ? p : read_key(p);
}

void JsonReader::close() noexcept {
  JsonNode& node = nodes_[open_];
  const std::uint64_t outer = node.next;
  node.next = used_ - open_;
  open_ = outer;
  ++room_;
}

const char* JsonReader::after_value(const char* p) {
  while (open_ != kNone) {
    p = skip_space(p);
    if (p == end_) return fail(Problem::kUnexpected, p);
    JsonNode& container = nodes_[open_];
    ++container.size;
    const bool is_array = container.type == JsonType::kArray;
    if (*p == ',') return is_array ? p + 1 : read_key(p + 1);
    if (*p != (is_array ? ']' : '}')) return fail(Problem::kUnexpected, p);
    close();
    ++p;
  }
  return p;
}

const char* JsonReader::read_key(const char* p) {
  p = skip_space(p);
  if (p == end_ || *p != '"') return fail(Problem::kUnexpected, p);
  p = read_string(p + 1);
  if (!p) return nullptr;
  p = skip_space(p);
  if (p == end_ || *p != ':') return fail(Problem::kUnexpected, p);
  return p + 1;
}

const char* JsonReader::read_string(const char* p) {
  const char* const start = p;
  p = find_end_of_plain(p);
  if (!p) return nullptr;
  if (*p == '\\') return read_escaped_string(start, p);
  add_string(start, p);
  return p + 1;
}

// Skips what stands for itself; returns the quote or the backslash behind it.
const char* JsonReader::find_end_of_plain(const char* p) {
  for (;;) {
    p = find_not_plain_json(begin_, p, end_);
    if (p == end_) return fail(Problem::kUnexpected, p);
    if (*p == '"' || *p == '\\') return p;
    if (is_ascii(*p)) return fail(Problem::kControlCharacter, p);
    p = skip_non_ascii(p, end_);
    if (p != end_ && !is_ascii(*p)) return fail(Problem::kInvalidUtf8, p);
  }
}

const char* JsonReader::read_escaped_string(const char* start, const char* p) {
  if (!unescaped_) {
    // Escapes are never shorter than what they stand for, so this is enough for all that follow,
    // and views into it stay valid.
    const auto needed = static_cast<std::size_t>(end_ - start);
    if (tape_.unescaped_capacity_ < needed) {
      tape_.unescaped_ = std::make_unique_for_overwrite<char[]>(needed);
      tape_.unescaped_capacity_ = needed;
    }
    unescaped_ = tape_.unescaped_.get();
  }
  const char* const unescaped_start = unescaped_;
  for (;;) {
    std::memcpy(unescaped_, start, static_cast<std::size_t>(p - start));
    unescaped_ += p - start;
    if (*p == '"') break;
    start = read_escape(p + 1);
    if (!start) return nullptr;
    p = find_end_of_plain(start);
    if (!p) return nullptr;
  }
  add_string(unescaped_start, unescaped_);
  return p + 1;
}

// `p` is behind the backslash.
const char* JsonReader::read_escape(const char* p) {
  if (p == end_) return fail(Problem::kUnexpected, p);
  if (*p == 'u') return read_unicode_escape(p + 1);
  const char character = unescape(*p);
  if (character == 0) return fail(Problem::kBadEscape, p);
  *unescaped_++ = character;
  return p + 1;
}

// `p` is behind the u.
const char* JsonReader::read_unicode_escape(const char* p) {
  std::uint32_t unit = hex_unit(p, end_);
  if (unit > 0xFFFF) return fail(Problem::kBadUnicodeEscape, p);
  p += 4;
  if (is_high_surrogate(unit) && end_ - p >= 6 && p[0] == '\\' && p[1] == 'u') {
    const std::uint32_t low = hex_unit(p + 2, end_);
    if (is_low_surrogate(low)) {
      unit = join_surrogates(unit, low);
      p += 6;
    }
  }
  unescaped_ = encode_wtf8(unit, unescaped_);
  return p;
}

const char* JsonReader::read_number(const char* p) {
  if (*p != '-' && !is_digit(*p)) return fail(Problem::kUnexpected, p);
  JsonNode& node = add_node(JsonType::kNumber);
  const char* stop = nullptr;
  p = parse_number(p, end_, node.number, &stop);
  return p ? p : fail(Problem::kUnexpected, stop);
}

const char* JsonReader::read_word(const char* p, std::string_view word, JsonType type) {
  for (const char expected : word) {
    if (p == end_ || *p != expected) return fail(Problem::kUnexpected, p);
    ++p;
  }
  add_node(type);
  return p;
}

const char* JsonReader::skip_space(const char* p) const noexcept {
  while (p != end_ && is_space(*p)) ++p;
  return p;
}

JsonNode& JsonReader::add_node(JsonType type) {
  if (used_ == capacity_) grow();
  JsonNode& node = nodes_[used_++];
  node.type = type;
  return node;
}

void JsonReader::add_string(const char* begin, const char* end) {
  JsonNode& node = add_node(JsonType::kString);
  node.size = static_cast<std::uint32_t>(end - begin);
  node.text = begin;
}

void JsonReader::grow() {
  const std::size_t capacity = std::max(kFirstNodes, capacity_ * 2);
  auto larger = std::make_unique_for_overwrite<JsonNode[]>(capacity);
  std::copy_n(nodes_, used_, larger.get());
  tape_.nodes_ = std::move(larger);
  tape_.node_capacity_ = capacity_ = capacity;
  nodes_ = tape_.nodes_.get();
}

const char* JsonReader::fail(Problem problem, const char* at) noexcept {
  problem_ = problem;
  problem_at_ = at;
  return nullptr;
}

Error JsonReader::error() const {
  if (problem_at_ == end_) return Error::syntax_error("Unexpected end of JSON input");
  std::string text;
  switch (problem_) {
    case Problem::kUnexpected:
      text = "Unexpected token " + quote_byte(*problem_at_) + " in JSON";
      break;
    case Problem::kAfterEnd:
      text = "Unexpected text after JSON";
      break;
    case Problem::kControlCharacter:
      text = "Control character in a string literal in JSON";
      break;
    case Problem::kBadEscape:
      text = "Bad escaped character in JSON";
      break;
    case Problem::kBadUnicodeEscape:
      text = "Bad Unicode escape in JSON";
      break;
    case Problem::kInvalidUtf8:
      text = "Invalid UTF-8 in JSON";
      break;
    case Problem::kTooDeep:
      text = "Too many levels of nesting in JSON";
      break;
  }
  return Error::syntax_error(std::move(text) + " at position " +
                             std::to_string(problem_at_ - begin_));
}

}  // namespace capnweb

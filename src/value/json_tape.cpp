#include "value/json_tape.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

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

void set_string(JsonNode& node, const char* begin, const char* end) {
  node.type = JsonType::kString;
  node.size = static_cast<std::uint32_t>(end - begin);
  node.text = begin;
}

enum class Problem : std::uint8_t {
  kUnexpected,
  kAfterEnd,
  kControlCharacter,
  kBadEscape,
  kBadUnicodeEscape,
  kInvalidUtf8,
  kTooDeep,
};

std::string_view describe(Problem problem) {
  switch (problem) {
    case Problem::kUnexpected:
      return "Unexpected token";
    case Problem::kAfterEnd:
      return "Unexpected text after JSON";
    case Problem::kControlCharacter:
      return "Control character in a string literal in JSON";
    case Problem::kBadEscape:
      return "Bad escaped character in JSON";
    case Problem::kBadUnicodeEscape:
      return "Bad Unicode escape in JSON";
    case Problem::kInvalidUtf8:
      return "Invalid UTF-8 in JSON";
    case Problem::kTooDeep:
      return "Too many levels of nesting in JSON";
  }
  return "Bad JSON";
}

// Reads one text. What changes with every node stands in a Place, which the compiler keeps in
// registers; what is slow is kept out of line.
class JsonReader {
 public:
  JsonReader(JsonBuffers& buffers, std::string_view text, std::size_t max_nesting) noexcept
      : buffers_(buffers),
        begin_(text.data()),
        end_(text.data() + text.size()),
        room_(max_nesting) {}

  Expected<JsonView> read() {
    if (const char* p = read_all(begin_)) {
      p = skip_space(p);
      if (p == end_) return JsonView(buffers_.nodes.get());
      fail(Problem::kAfterEnd, p);
    }
    return error();
  }

 private:
  struct Place {
    JsonNode* next;            // where the next node goes
    JsonNode* limit;           // the end of the nodes
    JsonNode* open = nullptr;  // the innermost open array or object; its `next` leads outward
  };

  // Each of these returns where the text goes on, or null on a problem.
  const char* read_all(const char* p);
  const char* open(Place& place, const char* p);
  const char* after_value(Place& place, const char* p);
  const char* read_key(JsonNode& node, const char* p);
  const char* read_string(JsonNode& node, const char* p);
  const char* read_unusual_string(JsonNode& node, const char* start, const char* p);
  const char* read_escape(const char* p);
  const char* read_unicode_escape(const char* p);
  const char* find_end_of_plain(const char* p);
  const char* read_numbers(Place& place, const char* p);
  const char* read_number(JsonNode& node, const char* p);
  const char* read_word(JsonNode& node, const char* p, std::string_view word, JsonType type);
  const char* skip_space(const char* p) const noexcept;
  bool is_closing(const Place& place, const char* p) const noexcept;
  void close(Place& place) noexcept;

  Place grow(const Place& place);
  void make_room_for_unescaped(const char* start);

  const char* fail(Problem problem, const char* at) noexcept;
  Error error() const;

  JsonBuffers& buffers_;
  const char* const begin_;
  const char* const end_;
  std::size_t room_;           // how many more arrays and objects may be opened inside
  char* unescaped_ = nullptr;  // where the next unescaped character goes; null before the first

  Problem problem_ = Problem::kUnexpected;
  const char* problem_at_ = nullptr;
};

const char* JsonReader::read_all(const char* p) {
  Place place = {.next = buffers_.nodes.get(),
                 .limit = buffers_.nodes.get() + buffers_.node_capacity};
  do {
    // A value is due; in an object, its key before it.
    if (place.limit - place.next < 2) place = grow(place);
    if (place.open && place.open->type == JsonType::kObject) {
      p = read_key(*place.next++, p);
      if (!p) return nullptr;
    }
    p = skip_space(p);
    if (p == end_) return fail(Problem::kUnexpected, p);
    switch (*p) {
      case '"':
        p = read_string(*place.next++, p + 1);
        break;
      case '[':
      case '{':
        p = open(place, p);
        if (!p) return nullptr;
        if (!is_closing(place, p)) continue;
        close(place);
        ++p;
        break;
      case 't':
        p = read_word(*place.next++, p, "true", JsonType::kTrue);
        break;
      case 'f':
        p = read_word(*place.next++, p, "false", JsonType::kFalse);
        break;
      case 'n':
        p = read_word(*place.next++, p, "null", JsonType::kNull);
        break;
      default:
        p = read_numbers(place, p);
    }
    if (p) p = after_value(place, p);
  } while (p && place.open);
  return p;
}

// Begins an array or object; returns where its first element is due, or its end.
[[gnu::always_inline]] inline const char* JsonReader::open(Place& place, const char* p) {
  if (room_ == 0) return fail(Problem::kTooDeep, p);
  --room_;
  JsonNode& node = *place.next++;
  node.type = *p == '[' ? JsonType::kArray : JsonType::kObject;
  node.size = 0;
  // As a distance, which stays true when the nodes move; 0 is the outermost.
  node.next = place.open ? static_cast<std::uint64_t>(&node - place.open) : 0;
  place.open = &node;
  return skip_space(p + 1);
}

inline bool JsonReader::is_closing(const Place& place, const char* p) const noexcept {
  return p != end_ && *p == (place.open->type == JsonType::kArray ? ']' : '}');
}

inline void JsonReader::close(Place& place) noexcept {
  JsonNode& node = *place.open;
  place.open = node.next == 0 ? nullptr : &node - node.next;
  node.next = static_cast<std::uint64_t>(place.next - &node);
  ++room_;
}

// Counts the value that ends at `p`, and closes what ends with it.
[[gnu::always_inline]] inline const char* JsonReader::after_value(Place& place, const char* p) {
  while (place.open) {
    p = skip_space(p);
    if (p == end_) return fail(Problem::kUnexpected, p);
    ++place.open->size;
    const bool is_array = place.open->type == JsonType::kArray;
    if (*p == ',') return p + 1;
    if (*p != (is_array ? ']' : '}')) return fail(Problem::kUnexpected, p);
    close(place);
    ++p;
  }
  return p;
}

[[gnu::always_inline]] inline const char* JsonReader::read_key(JsonNode& node, const char* p) {
  p = skip_space(p);
  if (p == end_ || *p != '"') return fail(Problem::kUnexpected, p);
  p = read_string(node, p + 1);
  if (!p) return nullptr;
  p = skip_space(p);
  if (p == end_ || *p != ':') return fail(Problem::kUnexpected, p);
  return p + 1;
}

[[gnu::always_inline]] inline const char* JsonReader::read_string(JsonNode& node, const char* p) {
  const char* const quote = find_not_plain_json(begin_, p, end_);
  if (quote == end_ || *quote != '"') return read_unusual_string(node, p, quote);
  set_string(node, p, quote);
  return quote + 1;
}

// A string that has more than plain ASCII from `p` on.
const char* JsonReader::read_unusual_string(JsonNode& node, const char* start, const char* p) {
  p = find_end_of_plain(p);
  if (!p) return nullptr;
  if (*p == '"') {
    set_string(node, start, p);
    return p + 1;
  }
  make_room_for_unescaped(start);
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
  set_string(node, unescaped_start, unescaped_);
  return p + 1;
}

// Escapes are never shorter than what they stand for, so the rest of the text is room enough for
// all strings that follow, and views into it stay valid.
void JsonReader::make_room_for_unescaped(const char* start) {
  if (unescaped_) return;
  const auto needed = static_cast<std::size_t>(end_ - start);
  if (buffers_.unescaped_capacity < needed) {
    buffers_.unescaped = std::make_unique_for_overwrite<char[]>(needed);
    buffers_.unescaped_capacity = needed;
  }
  unescaped_ = buffers_.unescaped.get();
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

// A number, and in an array those that follow it without a space.
[[gnu::always_inline]] inline const char* JsonReader::read_numbers(Place& place, const char* p) {
  p = read_number(*place.next++, p);
  if (!place.open || place.open->type != JsonType::kArray) return p;
  DigitEnds ends(p);
  while (p && end_ - p > 1 && p[0] == ',' && is_digit(p[1]) && place.next != place.limit) {
    ++place.open->size;
    JsonNode& node = *place.next++;
    const char* const after =
        scan::kIsWide ? parse_short_number(ends, p + 1, end_, node.number) : nullptr;
    if (after) node.type = JsonType::kNumber;
    p = after ? after : read_number(node, p + 1);
  }
  return p;
}

[[gnu::always_inline]] inline const char* JsonReader::read_number(JsonNode& node, const char* p) {
  node.type = JsonType::kNumber;
  if (const char* after = parse_short_number(begin_, p, end_, node.number)) return after;
  const char* stop = nullptr;
  p = parse_number(p, end_, node.number, &stop);
  return p ? p : fail(Problem::kUnexpected, stop);
}

const char* JsonReader::read_word(JsonNode& node, const char* p, std::string_view word,
                                  JsonType type) {
  for (const char expected : word) {
    if (p == end_ || *p != expected) return fail(Problem::kUnexpected, p);
    ++p;
  }
  node.type = type;
  return p;
}

inline const char* JsonReader::skip_space(const char* p) const noexcept {
  while (p != end_ && is_space(*p)) ++p;
  return p;
}

JsonReader::Place JsonReader::grow(const Place& place) {
  JsonNode* const old = buffers_.nodes.get();
  const auto used = static_cast<std::size_t>(place.next - old);
  const std::size_t capacity = std::max(kFirstNodes, buffers_.node_capacity * 2);
  auto larger = std::make_unique_for_overwrite<JsonNode[]>(capacity);
  JsonNode* const nodes = larger.get();
  std::copy_n(old, used, nodes);
  const Place moved = {.next = nodes + used,
                       .limit = nodes + capacity,
                       .open = place.open ? nodes + (place.open - old) : nullptr};
  buffers_.nodes = std::move(larger);
  buffers_.node_capacity = capacity;
  return moved;
}

const char* JsonReader::fail(Problem problem, const char* at) noexcept {
  problem_ = problem;
  problem_at_ = at;
  return nullptr;
}

Error JsonReader::error() const {
  if (problem_at_ == end_) return Error::syntax_error("Unexpected end of JSON input");
  std::string text(describe(problem_));
  if (problem_ == Problem::kUnexpected) text += ' ' + quote_byte(*problem_at_) + " in JSON";
  return Error::syntax_error(text + " at position " + std::to_string(problem_at_ - begin_));
}

}  // namespace

thread_local JsonTape BorrowedTape::spare;

Expected<JsonView> JsonTape::parse(std::string_view text, std::size_t max_nesting) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max())
    return Error::syntax_error("JSON of more than 4 GiB");
  // One huge message must not keep its memory while small ones follow.
  if (buffers_.node_capacity > kKeptNodes && text.size() < buffers_.node_capacity / 8) {
    buffers_.nodes.reset();
    buffers_.node_capacity = 0;
  }
  if (buffers_.unescaped_capacity > kKeptText && text.size() < buffers_.unescaped_capacity / 8) {
    buffers_.unescaped.reset();
    buffers_.unescaped_capacity = 0;
  }
  return JsonReader(buffers_, text, max_nesting).read();
}

}  // namespace capnweb

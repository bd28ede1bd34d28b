#include "common/http.hpp"

#include <strings.h>

#include <charconv>

#include "common/text.hpp"

namespace bench::http {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool take_chunks(std::string_view& in, std::string& body) {
  std::string_view left = in;
  while (true) {
    const std::size_t line = left.find(kLineEnd);
    if (line == std::string_view::npos) return false;
    std::size_t size = 0;
    std::from_chars(left.data(), left.data() + line, size, 16);
    left.remove_prefix(line + kLineEnd.size());
    if (left.size() < size + kLineEnd.size()) return false;
    body += left.substr(0, size);
    left.remove_prefix(size + kLineEnd.size());
    if (size != 0) continue;
    in = left;
    return true;
  }
}

}  // namespace

std::optional<std::string_view> take_head(std::string_view& in) {
  const std::size_t end = in.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view head = in.substr(0, end + 4);
  in.remove_prefix(head.size());
  return head;
}

std::string_view field(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const std::size_t end = head.find(kLineEnd);
    const std::string_view line = head.substr(0, end);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        ::strncasecmp(line.data(), name.data(), name.size()) == 0) {
      std::string_view value = line.substr(name.size() + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      return value;
    }
    if (end == std::string_view::npos) break;
    head.remove_prefix(end + kLineEnd.size());
  }
  return {};
}

bool take_body(std::string_view& in, std::string_view head, std::string& body) {
  body.clear();
  const std::string_view length = field(head, "content-length");
  if (length.empty()) return take_chunks(in, body);
  const std::size_t size = to_number<std::size_t>(length).value_or(0);
  if (in.size() < size) return false;
  body = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

}  // namespace bench::http

#include <capnweb/server.hpp>

#include <algorithm>
#include <utility>

namespace capnweb {

std::string_view RequestInfo::path() const noexcept {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view RequestInfo::query() const noexcept {
  const std::size_t mark = target.find('?');
  return mark == target.npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

RequestRefused::RequestRefused(int status, std::string text)
    : status_(status), text_(std::move(text)) {}

RequestRefused& RequestRefused::header(std::string name, std::string value) {
  headers_.emplace_back(std::move(name), std::move(value));
  return *this;
}

}  // namespace capnweb

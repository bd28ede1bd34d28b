#include "wire/data_rules.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "value/json_writer.hpp"

namespace capnweb {

Error too_deep_to_send() {
  return Error(
      "Serialization exceeded maximum allowed depth. "
      "(Does the message contain cycles?)");  // V-33
}

double time_clip(double milliseconds) noexcept {
  constexpr double kLatest = 8.64e15;
  if (!(std::abs(milliseconds) <= kLatest)) return std::numeric_limits<double>::quiet_NaN();
  return std::trunc(milliseconds) + 0.0;  // no time is -0
}

std::optional<Error> check_alignment(const Bytes& bytes) {
  const std::size_t element = bytes_element_size(bytes.kind());
  if (bytes.size() % element == 0) return std::nullopt;
  return Error::type_error("Invalid byte length " + std::to_string(bytes.size()) + " for " +
                           std::string(bytes_kind_name(bytes.kind())) +
                           "; expected a multiple of " + std::to_string(element));
}

void write_exact_number(std::string& out, double number) {
  if (std::isinf(number)) {
    out += number > 0 ? "1e999" : "-1e999";
    return;
  }
  if (number == 0 && std::signbit(number)) out += '-';
  write_json_number(out, number);
}

}  // namespace capnweb

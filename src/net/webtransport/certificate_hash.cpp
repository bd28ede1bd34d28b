#include <capnweb/certificate.hpp>
#include <capnweb/error.hpp>

namespace capnweb {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

CertificateHash CertificateHash::from_hex(std::string_view text) {
  Bytes bytes{};
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == ':' && digits % 2 == 0) continue;
    const int digit = hex_digit(c);
    if (digit < 0 || digits == 2 * bytes.size()) {
      digits = 0;
      break;
    }
    bytes[digits / 2] = static_cast<std::uint8_t>(bytes[digits / 2] << 4 | digit);
    ++digits;
  }
  if (digits != 2 * bytes.size())
    throw Error::type_error("'" + std::string(text.substr(0, 100)) +
                            "' is no certificate hash: it has 64 hexadecimal digits");
  return CertificateHash(bytes);
}

std::string CertificateHash::to_hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes_) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string CertificateHash::to_javascript() const {
  std::string text = "{algorithm: 'sha-256', value: new Uint8Array([";
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(bytes_[i]);
  }
  return text + "])}";
}

}  // namespace capnweb

#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <capnweb/certificate.hpp>
#include <capnweb/error.hpp>
#include <cerrno>
#include <system_error>

namespace capnweb {
namespace {

using std::filesystem::path;

// A list of certificates, and keys, are a few kilobytes.
constexpr std::size_t kMaxFile = 1024 * 1024;

[[noreturn]] void fail(std::string_view what, const path& file, int error) {
  throw Error(std::string(what) + " " + file.string() + ": " +
              std::generic_category().message(error));
}

class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const noexcept { return number_; }

 private:
  int number_;
};

std::string read_file(const path& file) {
  const Descriptor open(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (open.get() < 0) fail("Cannot read", file, errno);
  std::string text;
  std::array<char, 4096> piece;
  for (;;) {
    const ssize_t size = ::read(open.get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) fail("Cannot read", file, errno);
    if (size == 0) break;
    text.append(piece.data(), static_cast<std::size_t>(size));
    if (text.size() > kMaxFile) fail("Cannot read", file, EFBIG);
  }
  gnutls_memset(piece.data(), 0, piece.size());  // a part of a key, perhaps
  return text;
}

void write_all(int file, std::string_view text, const path& name) {
  while (!text.empty()) {
    const ssize_t size = ::write(file, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) fail("Cannot write", name, errno);
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

// A new file beside another, whose place it then takes: nobody reads a half, and a key is never
// readable by others, not even for a moment. Gone again unless it has taken the place.
class FreshFile {
 public:
  FreshFile(const path& file, std::string_view text, mode_t mode)
      : file_(file), fresh_(file.string() + ".XXXXXX") {
    const Descriptor open(::mkostemp(fresh_.data(), O_CLOEXEC));  // 0600
    if (open.get() < 0) fail("Cannot write", file_, errno);
    try {
      write_all(open.get(), text, file_);
      if (::fchmod(open.get(), mode) != 0 || ::fsync(open.get()) != 0)
        fail("Cannot write", file_, errno);
    } catch (...) {
      ::unlink(fresh_.c_str());
      throw;
    }
  }
  FreshFile(const FreshFile&) = delete;
  FreshFile& operator=(const FreshFile&) = delete;
  ~FreshFile() {
    if (!is_in_place_) ::unlink(fresh_.c_str());
  }

  void take_place() {
    if (::rename(fresh_.c_str(), file_.c_str()) != 0) fail("Cannot write", file_, errno);
    is_in_place_ = true;
  }

 private:
  const path file_;
  std::string fresh_;
  bool is_in_place_ = false;
};

}  // namespace

Certificate Certificate::load(const path& certificates, const path& key) {
  const std::string certificate_text = read_file(certificates);
  std::string key_text = read_file(key);
  try {
    Certificate loaded = from_pem(certificate_text, key_text);
    gnutls_memset(key_text.data(), 0, key_text.size());
    return loaded;
  } catch (const Error& error) {
    gnutls_memset(key_text.data(), 0, key_text.size());
    throw Error(certificates.string() + ", " + key.string() + ": " + error.message());
  }
}

void Certificate::save(const path& certificates, const path& key) const {
  // A pair that is replaced stays whole if there is no room for the new one.
  FreshFile fresh_key(key, key_pem(), 0600);
  FreshFile fresh_certificates(certificates, certificate_pem(), 0644);
  fresh_key.take_place();
  fresh_certificates.take_place();
}

}  // namespace capnweb

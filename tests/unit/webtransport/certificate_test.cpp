#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <capnweb/certificate.hpp>
#include <capnweb/error.hpp>
#include <filesystem>
#include <fstream>
#include <string>

namespace capnweb {
namespace {

using std::chrono::system_clock;
using testing::ElementsAre;
using testing::HasSubstr;

// The message of the Error that `act` throws, or "nothing thrown".
template <class F>
std::string error_of(F act) {
  try {
    act();
  } catch (const Error& error) {
    return error.message();
  }
  return "nothing thrown";
}

// A folder of its own, removed at the end.
class CertificateFiles : public testing::Test {
 protected:
  CertificateFiles() {
    std::string name = testing::TempDir() + "capnweb-XXXXXX";
    folder = mkdtemp(name.data());
  }
  ~CertificateFiles() override { std::filesystem::remove_all(folder); }

  static mode_t mode_of(const std::filesystem::path& file) {
    struct stat status{};
    return stat(file.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }

  std::filesystem::path folder;
};

TEST(CertificateHash, ReadsHexOfEitherCase) {
  const std::string hex = "00ff102030405060708090a0b0c0d0e0f0112233445566778899aabbccddeeff";
  const CertificateHash hash = CertificateHash::from_hex(hex);
  EXPECT_EQ(hash.to_hex(), hex);
  EXPECT_EQ(hash.bytes()[1], 0xFF);
  EXPECT_EQ(CertificateHash::from_hex("00FF102030405060708090A0B0C0D0E0"
                                      "F0:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"),
            hash);
}

TEST(CertificateHash, RefusesWhatIsNone) {
  const std::string hex(64, 'a');
  for (const std::string& text : {std::string(), hex + "a", hex.substr(1), hex + "zz",
                                  "g" + hex.substr(1), "a:" + hex.substr(1)})
    EXPECT_THAT(error_of([&] { CertificateHash::from_hex(text); }),
                HasSubstr("64 hexadecimal digits"))
        << text;
}

TEST(CertificateHash, IsWrittenForPages) {
  CertificateHash::Bytes bytes{};
  bytes[0] = 255;
  bytes[31] = 7;
  EXPECT_THAT(CertificateHash(bytes).to_javascript(),
              testing::MatchesRegex(R"(\{algorithm: 'sha-256', value: new Uint8Array\()"
                                    R"(\[255, 0, .*0, 7\]\)\})"));
}

TEST(Certificate, OfItsOwnIsOneBrowsersPin) {
  const Certificate certificate = Certificate::self_signed();
  const auto now = system_clock::now();
  EXPECT_TRUE(certificate.can_be_pinned());
  EXPECT_TRUE(certificate.is_valid_at(now));
  EXPECT_FALSE(certificate.is_valid_at(now - std::chrono::minutes(5)));
  EXPECT_FALSE(certificate.is_valid_at(now + std::chrono::days(14)));
  EXPECT_THAT(certificate.names(), ElementsAre("localhost", "127.0.0.1", "::1"));
  EXPECT_NE(Certificate::self_signed().hash(), certificate.hash());
}

TEST(Certificate, CoversItsNamesAndNoOthers) {
  const Certificate certificate = Certificate::self_signed(
      {.names = {"example.org", "*.example.net", "192.0.2.7", "2001:db8::1"}});
  for (const char* host : {"example.org", "EXAMPLE.org", "www.example.net", "192.0.2.7",
                           "2001:db8::1", "2001:DB8:0::1"})
    EXPECT_TRUE(certificate.covers(host)) << host;
  for (const char* host : {"www.example.org", "example.net", "a.b.example.net", "192.0.2.8",
                           "2001:db8::2", "localhost", ""})
    EXPECT_FALSE(certificate.covers(host)) << host;
}

TEST(Certificate, OfMoreThanFourteenDaysCannotBePinned) {
  const auto pinned = [](std::chrono::seconds lifetime) {
    return Certificate::self_signed({.lifetime = lifetime}).can_be_pinned();
  };
  EXPECT_TRUE(pinned(std::chrono::days(14)));
  EXPECT_FALSE(pinned(std::chrono::days(14) + std::chrono::seconds(1)));
}

TEST(Certificate, RefusesOptionsThatMakeNone) {
  EXPECT_THAT(error_of([] { Certificate::self_signed({.names = {}}); }), HasSubstr("needs a name"));
  EXPECT_THAT(error_of([] { Certificate::self_signed({.names = {"b\xC3\xBC.example"}}); }),
              HasSubstr("xn--"));
  EXPECT_THAT(error_of([] { Certificate::self_signed({.lifetime = std::chrono::seconds(0)}); }),
              HasSubstr("must be positive"));
}

TEST(Certificate, IsTheSameThroughPem) {
  const Certificate made = Certificate::self_signed({.names = {"example.org"}});
  const Certificate read = Certificate::from_pem(made.certificate_pem(), made.key_pem());
  EXPECT_EQ(read.hash(), made.hash());
  EXPECT_EQ(read.names(), made.names());
  EXPECT_EQ(read.not_after(), made.not_after());
  EXPECT_TRUE(read.can_be_pinned());
}

TEST(Certificate, StandsFirstInItsChain) {
  const Certificate own = Certificate::self_signed({.names = {"own.example"}});
  const Certificate above = Certificate::self_signed({.names = {"above.example"}});
  const Certificate chain =
      Certificate::from_pem(own.certificate_pem() + above.certificate_pem(), own.key_pem());
  EXPECT_EQ(chain.hash(), own.hash());
  EXPECT_THAT(error_of([&] {
                Certificate::from_pem(above.certificate_pem() + own.certificate_pem(),
                                      own.key_pem());
              }),
              HasSubstr("not the one that the certificate names"));
}

TEST(Certificate, SaysWhatCannotBeRead) {
  const Certificate made = Certificate::self_signed();
  EXPECT_THAT(error_of([&] { Certificate::from_pem("", made.key_pem()); }),
              HasSubstr("The certificate cannot be read"));
  EXPECT_THAT(error_of([&] { Certificate::from_pem(made.certificate_pem(), "no key"); }),
              HasSubstr("The private key cannot be read"));
  std::string cut = made.certificate_pem();
  cut.resize(cut.size() / 2);
  EXPECT_THAT(error_of([&] { Certificate::from_pem(cut, made.key_pem()); }),
              HasSubstr("The certificate cannot be read"));
}

TEST_F(CertificateFiles, AreReadByTheOwnerOnly) {
  const Certificate made = Certificate::self_signed();
  made.save(folder / "cert.pem", folder / "key.pem");
  EXPECT_EQ(mode_of(folder / "key.pem"), 0600U);
  EXPECT_EQ(mode_of(folder / "cert.pem"), 0644U);
  EXPECT_EQ(Certificate::load(folder / "cert.pem", folder / "key.pem").hash(), made.hash());
}

TEST_F(CertificateFiles, AreReplacedAndLeaveNothingBehind) {
  std::ofstream(folder / "key.pem") << "an old key that anybody could read";
  chmod((folder / "key.pem").c_str(), 0666);
  Certificate::self_signed().save(folder / "cert.pem", folder / "key.pem");
  const Certificate second = Certificate::self_signed();
  second.save(folder / "cert.pem", folder / "key.pem");
  EXPECT_EQ(mode_of(folder / "key.pem"), 0600U);
  EXPECT_EQ(Certificate::load(folder / "cert.pem", folder / "key.pem").hash(), second.hash());
  const std::filesystem::directory_iterator files(folder);
  EXPECT_EQ(std::distance(begin(files), end(files)), 2);
}

TEST_F(CertificateFiles, StayAPairWhenTheNewOneCannotBeWritten) {
  const Certificate old = Certificate::self_signed();
  old.save(folder / "cert.pem", folder / "key.pem");
  EXPECT_THAT(error_of([&] {
                Certificate::self_signed().save(folder / "none" / "cert.pem", folder / "key.pem");
              }),
              HasSubstr("none/cert.pem: No such file"));
  EXPECT_EQ(Certificate::load(folder / "cert.pem", folder / "key.pem").hash(), old.hash());
  const std::filesystem::directory_iterator files(folder);
  EXPECT_EQ(std::distance(begin(files), end(files)), 2);
}

TEST_F(CertificateFiles, ThatCannotBeReadOrWrittenAreNamed) {
  const Certificate made = Certificate::self_signed();
  EXPECT_THAT(
      error_of([&] { made.save(folder / "none" / "cert.pem", folder / "none" / "key.pem"); }),
      HasSubstr("none/key.pem: No such file"));
  EXPECT_THAT(error_of([&] { Certificate::load(folder / "cert.pem", folder / "key.pem"); }),
              HasSubstr("cert.pem: No such file"));
  std::ofstream(folder / "cert.pem") << "nothing";
  std::ofstream(folder / "key.pem") << "nothing";
  EXPECT_THAT(error_of([&] { Certificate::load(folder / "cert.pem", folder / "key.pem"); }),
              testing::AllOf(HasSubstr("cert.pem"), HasSubstr("cannot be read")));
}

}  // namespace
}  // namespace capnweb

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <capnweb/certificate.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/program.hpp"

namespace capnweb {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CertVerb : public ::testing::Test {
 protected:
  struct Outcome {
    int code;
    std::string out;
    std::string err;
  };

  void SetUp() override {
    std::string name = ::testing::TempDir() + "capnweb-cert-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  Outcome run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"capnweb", "cert"});
    arguments.insert(arguments.end(), {"--cert", certificate(), "--key", key()});
    std::vector<const char*> pointers;
    for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = run_program(static_cast<int>(pointers.size()), pointers.data());
    return {code, ::testing::internal::GetCapturedStdout(),
            ::testing::internal::GetCapturedStderr()};
  }
  std::string certificate() const { return folder / "cert.pem"; }
  std::string key() const { return folder / "key.pem"; }

  std::filesystem::path folder;
};

TEST_F(CertVerb, MakesOneThatBrowsersPin) {
  const Outcome made = run({"new"});
  ASSERT_EQ(made.code, 0) << made.err;
  const Certificate written = Certificate::load(certificate(), key());
  EXPECT_TRUE(written.can_be_pinned());
  EXPECT_EQ(written.not_after() - written.not_before(), std::chrono::days(14));
  EXPECT_THAT(made.out, AllOf(HasSubstr("sha256 " + written.hash().to_hex() + "\n"),
                              HasSubstr("names  localhost, 127.0.0.1, ::1\n"),
                              HasSubstr("serverCertificateHashes: [" +
                                        written.hash().to_javascript() + "]")));
  struct stat info{};
  ASSERT_EQ(::stat(key().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(CertVerb, MakesOneAsAsked) {
  const Outcome made = run({"new", "--days", "90", "--name", "example.org", "--name", "192.0.2.1"});
  ASSERT_EQ(made.code, 0) << made.err;
  const Certificate written = Certificate::load(certificate(), key());
  EXPECT_THAT(written.names(), ElementsAre("example.org", "192.0.2.1"));
  EXPECT_EQ(written.not_after() - written.not_before(), std::chrono::days(90));
  EXPECT_THAT(made.out, HasSubstr("Browsers do not accept it by its hash"));
}

TEST_F(CertVerb, ReplacesFilesOnlyWhenAsked) {
  ASSERT_EQ(run({"new"}).code, 0);
  const CertificateHash first = Certificate::load(certificate(), key()).hash();
  const Outcome again = run({"new"});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, HasSubstr("cert.pem is there already; --replace replaces it"));
  EXPECT_EQ(Certificate::load(certificate(), key()).hash(), first);
  EXPECT_EQ(run({"new", "--replace"}).code, 0);
  EXPECT_FALSE(Certificate::load(certificate(), key()).hash() == first);
}

TEST_F(CertVerb, ShowsWhatItHasMade) {
  const std::string made = run({"new"}).out;
  EXPECT_EQ(run({"show"}).out, made);
  EXPECT_EQ(run({"show", "--host", "127.0.0.1"}).code, 0);
  const Outcome other = run({"show", "--host", "example.org"});
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.err, HasSubstr("does not name example.org"));
}

TEST_F(CertVerb, SaysWhatIsWrong) {
  EXPECT_THAT(run({"show"}).err, HasSubstr("cert.pem"));
  EXPECT_EQ(run({"new", "--days", "0"}).code, 2);
  EXPECT_EQ(run({"new", "--name", "not a name"}).code, 1);
  EXPECT_EQ(run({}).code, 2);
}

}  // namespace
}  // namespace capnweb

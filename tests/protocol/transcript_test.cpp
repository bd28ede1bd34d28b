// transcript_test.cpp: runs the *.transcript files: a session of ours, fed by hand.
//
// A file is a list of cases:
//   == M-9 a push must not refer to itself
//   > text       a message of the peer
//   < text       a message that we must have sent by then, all of them, in order
//   # text       an event on our side (a disposal, a note), in order with what is sent
//   ! text       the session has ended with this reason
// Lines that begin with "--" are comments. A case ends with empty tables or an ended session unless
// its title says "leaves entries".
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "protocol/fixture.hpp"
#include "support/pair.hpp"

namespace capnweb::testing {
namespace {

struct Case {
  std::string title;
  std::vector<std::string> lines;
  int line = 0;
};

// What our side sent and what happened on it since the last look, as lines of a transcript.
class Player {
 public:
  Player() : state_(std::make_shared<FixtureState>()), wire_(make_fixture(state_)) {}

  void receive(const std::string& message) { wire_.session.receive(message); }

  std::vector<std::string> happened() {
    std::vector<std::string> lines;
    Outbox out;
    wire_.session.take_output(out);
    for (std::size_t i = 0; i < out.size(); ++i) lines.push_back("< " + std::string(out[i]));
    for (auto& event : std::exchange(state_->events, {})) lines.push_back("# " + event);
    if (const Error* reason = wire_.session.end_reason(); reason && !std::exchange(ended_, true))
      lines.push_back(std::string("! ") + reason->what());
    return lines;
  }

  bool is_clean() { return ended_ || wire_.session.stats() == Session::Stats{1, 1}; }

 private:
  std::shared_ptr<FixtureState> state_;
  Wire wire_;
  bool ended_ = false;
};

class TranscriptTest : public ::testing::Test {
 public:
  explicit TranscriptTest(Case test) : case_(std::move(test)) {}

  void TestBody() override {
    Player player;
    for (std::size_t i = 0; i < case_.lines.size();) {
      while (i < case_.lines.size() && case_.lines[i][0] == '>')
        player.receive(case_.lines[i++].substr(2));
      std::vector<std::string> expected;
      while (i < case_.lines.size() && case_.lines[i][0] != '>')
        expected.push_back(case_.lines[i++]);
      EXPECT_EQ(player.happened(), expected) << "in the case at line " << case_.line;
    }
    if (case_.title.find("leaves entries") == std::string::npos) {
      EXPECT_TRUE(player.is_clean()) << "entries are left";
    }
  }

 private:
  Case case_;
};

std::vector<Case> read_cases(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<Case> cases;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.rfind("== ", 0) == 0) {
      cases.push_back({line.substr(3), {}, number});
    } else if (!line.empty() && line.rfind("--", 0) != 0) {
      if (cases.empty()) throw std::runtime_error(path.string() + " begins without a case");
      cases.back().lines.push_back(line);
    }
  }
  return cases;
}

// "M-9 a push" -> "M_9_a_push": the characters a test's name may have.
std::string test_name(std::string title) {
  for (char& c : title)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return title;
}

const bool kRegistered = [] {
  std::vector<std::filesystem::path> files;
  for (auto& entry : std::filesystem::directory_iterator(CAPNWEB_TRANSCRIPTS))
    if (entry.path().extension() == ".transcript") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (auto& file : files)
    for (auto& test : read_cases(file))
      ::testing::RegisterTest(file.stem().c_str(), test_name(test.title).c_str(), nullptr, nullptr,
                              file.c_str(), test.line,
                              [test]() -> ::testing::Test* { return new TranscriptTest(test); });
  return !files.empty();
}();

TEST(Transcripts, AreThere) { EXPECT_TRUE(kRegistered); }

}  // namespace
}  // namespace capnweb::testing

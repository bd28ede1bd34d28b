#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "net/webtransport/h3_frame_reader.hpp"
#include "net/webtransport/quic_varint.hpp"
#include "net/webtransport/wt_capsule_reader.hpp"
#include "net/webtransport/wt_line_reader.hpp"

namespace capnweb {
namespace {

using namespace std::literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::string capsule(std::uint64_t type, std::string_view payload) {
  std::string out;
  append_varint(out, type);
  append_varint(out, payload.size());
  return out + std::string(payload);
}

// ---- Capsules

std::vector<std::string> read_capsules(std::string_view bytes, std::size_t size) {
  using Kind = WtCapsuleEvent::Kind;
  WtCapsuleReader reader;
  std::vector<std::string> events;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    std::string_view piece = bytes.substr(at, size);
    for (bool more = true; more;) {
      const WtCapsuleEvent event = reader.next(piece);
      if (event.kind == Kind::kClose)
        events.push_back("CLOSE " + std::to_string(event.code) + " " + std::string(event.reason));
      if (event.kind == Kind::kDrain) events.emplace_back("DRAIN");
      if (event.kind == Kind::kError) events.push_back("ERROR " + std::string(event.error.reason));
      more = event.kind != Kind::kNone;
    }
    EXPECT_TRUE(piece.empty());
  }
  return events;
}

TEST(WtCapsuleReader, ReadsFromPiecesOfAnySize) {
  const std::string bytes = capsule(0x1f * 10 + 0x21, std::string(5000, 'g')) +
                            capsule(0x78ae, "") + capsule(0x190b4d3d, "") +
                            capsule(0x2843, "\x00\x00\x04\xd2why"s) + "anything behind it";
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{7}, bytes.size()})
    EXPECT_THAT(read_capsules(bytes, size), ElementsAre("DRAIN", "CLOSE 1234 why")) << size;
}

TEST(WtCapsuleReader, ReadsAnEmptyReasonAndTheLongest) {
  EXPECT_THAT(read_capsules(capsule(0x2843, "\xff\xff\xff\xff"), 100),
              ElementsAre("CLOSE 4294967295 "));
  const std::string most(WtCapsuleReader::kMaxReason, 'r');
  EXPECT_THAT(read_capsules(capsule(0x2843, "\0\0\0\0"s + most), 100),
              ElementsAre("CLOSE 0 " + most));
}

TEST(WtCapsuleReader, RefusesWhatIsNoClose) {
  EXPECT_THAT(read_capsules(capsule(0x2843, "abc"), 9), ElementsAre(HasSubstr("without a code")));
  EXPECT_THAT(read_capsules(capsule(0x2843, std::string(1029, 'r')), 5000),
              ElementsAre(HasSubstr("more than 1024")));
  EXPECT_THAT(read_capsules(capsule(0x2843, "\0\0\0\0\xff"s), 9), ElementsAre(HasSubstr("UTF-8")));
}

TEST(WtCapsuleReader, SkipsAnEndlessCapsuleWithoutKeepingIt) {
  std::string head;
  append_varint(head, 0x21);
  append_varint(head, kMaxVarint);
  EXPECT_THAT(read_capsules(head + std::string(100'000, 'x'), 1000), ElementsAre());
}

TEST(WtClose, IsADataFrameThatIsReadBack) {
  std::string out;
  append_wt_close(out, 1234, "bye");
  EXPECT_EQ(out,
            "\x00\x0a\x68\x43\x07\x00\x00\x04\xd2"
            "bye"s);
  H3FrameReader frames(H3FrameReader::Stream::kRequest);
  std::string_view headers = "\x01\x00"sv;
  frames.next(headers);
  std::string_view bytes = out;
  EXPECT_THAT(read_capsules(frames.next(bytes).payload, 3), ElementsAre("CLOSE 1234 bye"));
}

TEST(WtClose, CutsTheReasonBetweenCharacters) {
  std::string out;
  append_wt_close(out, 0, std::string(1023, 'a') + "\u20ac");
  EXPECT_THAT(read_capsules(out.substr(3), 5000), ElementsAre("CLOSE 0 " + std::string(1023, 'a')));
  out.clear();
  append_wt_close(out, 0, "\xff");
  EXPECT_THAT(read_capsules(out.substr(2), 5000), ElementsAre("CLOSE 0 \uFFFD"));
}

// ---- Lines

std::vector<std::string> read_lines(std::string_view bytes, std::size_t size,
                                    std::size_t max_line = 1000) {
  using Kind = WtLineEvent::Kind;
  WtLineReader reader(max_line);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    std::string_view piece = bytes.substr(at, size);
    for (bool more = true; more;) {
      const WtLineEvent event = reader.next(piece);
      if (event.kind == Kind::kLine) lines.emplace_back(event.line);
      if (event.kind == Kind::kTooLong) lines.emplace_back("TOO LONG");
      if (event.kind == Kind::kNotUtf8) lines.emplace_back("NOT UTF-8");
      more = event.kind != Kind::kNone;
    }
    EXPECT_TRUE(piece.empty());
  }
  if (reader.buffered() > 0) lines.push_back("HELD " + std::to_string(reader.buffered()));
  return lines;
}

TEST(WtLineReader, ReadsFromPiecesOfAnySize) {
  const std::string text =
      "[\"one\"]\n\n[\"\u20ac\U0001F600\"]\n" + std::string(900, 'x') + "\nrest";
  for (std::size_t size = 1; size <= text.size(); ++size)
    EXPECT_THAT(read_lines(text, size),
                ElementsAre("[\"one\"]", "[\"\u20ac\U0001F600\"]", std::string(900, 'x'), "HELD 4"))
        << size;
}

TEST(WtLineReader, StopsAtALineOverItsLimitAndForgetsIt) {
  const std::string most(10, 'm');
  EXPECT_THAT(read_lines(most + "\nok\n", 100, 10), ElementsAre(most, "ok"));
  for (const std::size_t size : {std::size_t{1}, std::size_t{4}, std::size_t{100}})
    EXPECT_THAT(read_lines("ok\n" + most + "m\nok\n", size, 10), ElementsAre("ok", "TOO LONG"));
}

TEST(WtLineReader, StopsAtWhatIsNotUtf8) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{100}}) {
    EXPECT_THAT(read_lines("ok\na\xff\nok\n", size), ElementsAre("ok", "NOT UTF-8"));
    EXPECT_THAT(read_lines("ok\na\xe2\x82\nok\n", size), ElementsAre("ok", "NOT UTF-8"));
    EXPECT_THAT(read_lines("\xed\xa0\x80\n", size), ElementsAre("NOT UTF-8"));
  }
}

}  // namespace
}  // namespace capnweb

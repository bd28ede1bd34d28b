#include "support/grammar.hpp"

#include <algorithm>

namespace capnweb::fuzz {

std::string Grammar::pushed_id() { return std::to_string(one_in(16) ? pick(200) : pick(7)); }

std::string Grammar::offered_id() { return "-" + std::to_string(1 + pick(one_in(16) ? 200 : 5)); }

std::string Grammar::any_id() {
  if (one_in(30)) return std::string(one_of({"1.5", "-0", "1e300", "\"1\"", "null", "4294967297"}));
  return one_in(3) ? offered_id() : pushed_id();
}

std::string Grammar::path() {
  std::string text = "[";
  for (std::size_t left = pick(3); left > 0; --left) {
    if (text.size() > 1) text += ',';
    text += one_of({R"("echo")", R"("call")",   R"("keep")",    R"("later")", R"("make")",
                    R"("fail")", R"("list")",   R"("nest")",    R"("drop")",  R"("stop")",
                    R"("read")", R"("cancel")", R"("collect")", R"("move")",  R"("finish")",
                    R"("pipe")", R"("sink")",   R"("settle")",  R"("kept")",  R"("poke")",
                    R"("name")", R"("a")",      R"("write")",   R"("close")", R"("abort")",
                    "0",         "1",           R"("0")",       R"("then")",  R"("toString")",
                    "-1",        R"("")"});
  }
  return text + ']';
}

std::string Grammar::list(int levels, std::size_t most) {
  std::string text;
  for (std::size_t left = pick(most + 1); left > 0; --left) {
    if (!text.empty()) text += ',';
    text += expression(levels - 1);
  }
  return text;
}

std::string Grammar::members(int levels) {
  std::string text = "{";
  for (std::size_t left = pick(4); left > 0; --left) {
    if (text.size() > 1) text += ',';
    text += one_of({R"("a":)", R"("b":)", R"("c":)", R"("0":)", R"("name":)", R"("then":)",
                    R"("__proto__":)", R"("toJSON":)", R"("cause":)", R"("\ud800":)"});
    text += expression(levels - 1);
  }
  return text + '}';
}

std::string Grammar::data() {
  return std::string(one_of({"null",
                             "true",
                             "false",
                             "0",
                             "1",
                             "-0",
                             "1.5",
                             "1e400",
                             "9007199254740993",
                             R"("text")",
                             R"("")",
                             R"("\ud83d\ude00\ud800")",
                             R"(["undefined"])",
                             R"(["inf"])",
                             R"(["-inf"])",
                             R"(["nan"])",
                             R"(["bigint","-12345678901234567890"])",
                             R"(["bigint","0x1F"])",
                             R"(["date",1.7])",
                             R"(["date",null])",
                             R"(["bytes","AQID"])",
                             R"(["bytes","AQI=","Int16Array"])",
                             R"(["bytes","","DataView"])",
                             R"(["url","http://a/b?c#d"])",
                             R"(["headers",[["a","1"],["set-cookie","x"]]])",
                             R"(["error","RangeError","bad"])"}));
}

std::string Grammar::reference(int levels) {
  std::string text(one_of({R"(["pipeline",)", R"(["pipeline",)", R"(["import",)"}));
  text += any_id();
  if (!one_in(3)) {
    text += ',' + path();
    if (!one_in(3)) text += ",[" + list(levels, 2) + ']';
  }
  return text + ']';
}

std::string Grammar::remap(int levels) {
  std::string text = R"(["remap",)" + pushed_id() + ',' + path() + ",[";
  const std::size_t captures = pick(3);
  for (std::size_t i = 0; i < captures; ++i) {
    if (i > 0) text += ',';
    text += one_in(3) ? R"(["export",)" + offered_id() + ']' : R"(["import",)" + any_id() + ']';
  }
  const std::string instructions = list(levels, 3);
  return text + "],[" + (one_in(8) ? "" : R"(["pipeline",0])") +
         (instructions.empty() ? "" : ',' + instructions) + "]]";
}

std::string Grammar::capability(int levels) {
  switch (pick(9)) {
    case 0:
    case 1:
      return R"(["export",)" + offered_id() + ']';
    case 2:
      return R"(["promise",)" + offered_id() + ']';
    case 3:
      return R"(["writable",)" + offered_id() + ']';
    case 4:
      return R"(["readable",)" + pushed_id() + ']';
    case 5:
      return R"(["blob","text/plain",["readable",)" + pushed_id() + "]]";
    case 6:
      return remap(levels);
    default:
      return reference(levels);
  }
}

std::string Grammar::fetch(int levels) {
  const std::string body = one_in(2) ? "null" : expression(levels - 1);
  if (one_in(2))
    return R"(["request","http://a/b",{"method":"POST","headers":[["x","1"]],"body":)" + body +
           R"(,"cache":"no-store"}])";
  return R"(["response",)" + body + R"(,{"status":)" + std::to_string(199 + pick(410)) +
         R"(,"headers":[["x","1"]]}])";
}

std::string Grammar::expression(int levels) {
  if (levels <= 0) return data();
  switch (pick(10)) {
    case 0:
    case 1:
      return "[[" + list(levels, 3) + "]]";
    case 2:
      return members(levels);
    case 3:
    case 4:
    case 5:
    case 6:
      return capability(levels);
    case 7:
      if (one_in(3)) return fetch(levels);
      return R"(["error","TypeError","text",null,)" + members(levels) + ']';
    default:
      return data();
  }
}

std::string Grammar::put_expression(const std::string& text) {
  constexpr const char* kEdges = "[]{},:";
  const auto edge = [&](std::size_t from) {
    return std::min(text.find_first_of(kEdges, from), text.size());
  };
  const std::size_t begin = edge(pick(text.size() + 1));
  const std::size_t first = std::min(begin + 1, text.size());
  return text.substr(0, first) + expression() + text.substr(std::min(edge(first), text.size()));
}

std::string Grammar::message() {
  switch (pick(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      return R"(["push",)" + (one_in(4) ? expression(3) : reference(3)) + ']';
    case 6:
      return R"(["push",)" + remap(3) + ']';
    case 7:
      return R"(["stream",["pipeline",)" + any_id() + ',' +
             std::string(one_of({R"(["write"])", R"(["write"])", R"(["close"])", R"(["abort"])"})) +
             ",[" + list(2, 1) + "]]]";
    case 8:
      return R"(["pipe"])";
    case 9:
    case 10:
      return R"(["pull",)" + any_id() + ']';
    case 11:
    case 12:
      return R"(["resolve",)" + any_id() + ',' + expression(3) + ']';
    case 13:
      return R"(["reject",)" + any_id() + ',' + expression(2) + ']';
    case 14:
      return one_in(20) ? R"(["abort",)" + expression(2) + ']'
                        : R"(["release",)" + any_id() + ",1]";
    default:
      return R"(["release",)" + any_id() + ',' + std::to_string(one_in(8) ? pick(4) : 1) + ']';
  }
}

}  // namespace capnweb::fuzz

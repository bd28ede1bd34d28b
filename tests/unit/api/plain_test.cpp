// Calls and results that need no Values are what they are with Values.
#include <gtest/gtest.h>

#include <algorithm>
#include <capnweb/capnweb.hpp>
#include <capnweb/detail/plain.hpp>
#include <capnweb/generator.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "value/json_tape.hpp"

namespace capnweb::testing {
namespace {

struct Pet {
  std::string name;
  bool is_tame;
};
struct Person {
  std::string name;
  std::optional<int> age;
  std::vector<Pet> pets;
};
struct Node {
  double id;
  std::vector<Node> children;
};
struct Odd {
  int toString = 1;  // a name that no object of JavaScript's can have
};

class Plain {
 public:
  std::string scalars(double number, bool flag, std::int8_t small, std::uint64_t large,
                      std::string_view view) const {
    return std::to_string(number) + ' ' + std::to_string(flag) + ' ' + std::to_string(small) + ' ' +
           std::to_string(large) + ' ' + std::string(view);
  }
  std::vector<std::optional<double>> numbers(std::vector<std::optional<double>> numbers) const {
    return numbers;
  }
  std::vector<std::vector<int>> matrix(const std::vector<std::vector<int>>& matrix) const {
    return matrix;
  }
  Person person(Person person) const { return person; }
  Node tree(const Node& node) const { return node; }
  Task<std::vector<std::string>> later(std::vector<std::string> words) const { co_return words; }
  Task<std::string> view_later(std::string_view view) const { co_return std::string(view); }
  Odd odd(Odd odd) const { return odd; }
  capnweb::Generator<double> count_to(double last) const {
    for (double i = 1; i <= last; ++i) co_yield i;
  }

  struct Rpc {
    Method<&Plain::scalars> scalars;
    Method<&Plain::numbers> numbers;
    Method<&Plain::matrix> matrix;
    Method<&Plain::person> person;
    Method<&Plain::tree> tree;
    Method<&Plain::later> later;
    Method<&Plain::view_later, "viewLater"> view_later;
    Method<&Plain::odd> odd;
    Method<&Plain::count_to, "countTo"> count_to;
  };
};

// What a new session answers to a call and its pull.
std::string answer(Value main, std::string_view path, const std::string& arguments) {
  Session session(std::move(main));
  session.receive(R"(["push",["pipeline",0,)" + std::string(path) + "," + arguments + "]]");
  session.receive(R"(["pull",1])");
  std::string all;
  Outbox outbox;
  send_output(session, outbox, [&all](std::string_view message) { all.append(message) += '\n'; });
  return all;
}

// On the way to a property every argument is a Value.
std::string general_answer(std::string_view method, const std::string& arguments) {
  Value main = Object{{"inner", to_value(std::make_shared<Plain>())}};
  return answer(std::move(main), R"(["inner",")" + std::string(method) + "\"]", arguments);
}
std::string plain_answer(std::string_view method, const std::string& arguments) {
  return answer(to_value(std::make_shared<Plain>()), "[\"" + std::string(method) + "\"]",
                arguments);
}

// Whether the arguments are read without Values.
bool is_read(std::string_view method, const std::string& arguments, std::size_t room = 256) {
  const Value plain = to_value(std::make_shared<Plain>());
  JsonTape tape;
  const auto json = tape.parse(arguments);
  const auto& hook = plain.get_if<detail::StubRef>()->hook;
  return static_cast<bool>(hook->call_plain(method, {*json, room}));
}

// Texts of arguments: mostly what the method takes.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string arguments(std::string_view method) {
    if (chance(20)) return '[' + junk(3) + ']';
    std::string text;
    if (method == "scalars")
      text = number() + ',' + flag() + ',' + number() + ',' + number() + ',' + word();
    if (method == "numbers") text = list([this] { return chance(4) ? none() : number(); });
    if (method == "matrix") text = list([this] { return list([this] { return number(); }); });
    if (method == "person") text = person();
    if (method == "tree") text = tree(4);
    if (method == "later") text = list([this] { return word(); });
    if (method == "viewLater") text = word();
    if (method == "odd") text = R"({"toString":)" + number() + '}';
    if (chance(20)) text += ',' + junk(2);
    return '[' + text + ']';
  }

 private:
  bool chance(unsigned of) { return random_() % of == 0; }
  template <std::size_t N>
  std::string one_of(const char* const (&texts)[N]) {
    return texts[random_() % N];
  }
  std::string number() {
    if (chance(30)) return junk(1);
    return one_of({"0", "1", "-1", "12", "127", "128", "-0", "1.5", "0.1", "3e2", "1e400",
                   "9007199254740992", "9007199254740994", "18446744073709551615", "123456789.25"});
  }
  std::string flag() { return chance(30) ? junk(1) : one_of({"true", "false"}); }
  std::string none() { return one_of({"null", R"(["undefined"])"}); }
  std::string word() {
    if (chance(30)) return junk(1);
    return one_of(
        {R"("")", R"("word")", R"("\n\"\\")", R"("\ud800")", "\"\xC3\xA9\"", R"("\u00e9")"});
  }
  template <class Item>
  std::string list(Item item) {
    std::string text = "[[";
    for (unsigned i = static_cast<unsigned>(random_() % 4); i > 0; --i)
      text += item() + (i > 1 ? "," : "");
    return text + "]]";
  }
  // Members in any order, some of them missing, unknown, forbidden, or there twice.
  std::string object(std::vector<std::string> members) {
    if (chance(10)) members.push_back(R"("other":)" + junk(1));
    if (chance(20)) members.push_back(R"("toJSON":1)");
    if (chance(20)) members.push_back(members.front());
    if (chance(20)) members.erase(members.begin());
    if (chance(3)) std::shuffle(members.begin(), members.end(), random_);
    std::string text = "{";
    for (const std::string& member : members) text += (text.size() > 1 ? "," : "") + member;
    return text + '}';
  }
  std::string person() {
    std::vector<std::string> members = {R"("name":)" + word()};
    if (!chance(3)) members.push_back(R"("age":)" + (chance(4) ? none() : number()));
    members.push_back(R"("pets":)" + list([this] {
                        return object({R"("name":)" + word(), R"("is_tame":)" + flag()});
                      }));
    return object(std::move(members));
  }
  std::string tree(int depth) {
    return object({R"("id":)" + number(), R"("children":)" + list([this, depth] {
                                            return depth == 0 ? junk(1) : tree(depth - 1);
                                          })});
  }
  // Any expression, and what is none.
  std::string junk(int depth) {
    if (depth > 0 && chance(3)) return list([this, depth] { return junk(depth - 1); });
    return one_of({"null", "true", "5", "\"x\"", R"(["undefined"])", R"(["nan"])", R"(["-inf"])",
                   R"(["bigint","5"])", R"(["date",0])", R"(["bytes","AA"])", "{}", "[[]]", "[]",
                   "[5]", R"(["export",-1])", R"(["error","Error","x"])",
                   R"({"name":["unknown"]})"});
  }

  std::mt19937 random_;
};

TEST(PlainCall, IsAnsweredAsWithValues) {
  Generator generator(1);
  std::size_t resolved = 0;
  for (int i = 0; i < 3000; ++i) {
    for (const char* method :
         {"scalars", "numbers", "matrix", "person", "tree", "later", "viewLater", "odd"}) {
      const std::string arguments = generator.arguments(method);
      const std::string plain = plain_answer(method, arguments);
      ASSERT_EQ(plain, general_answer(method, arguments)) << method << ' ' << arguments;
      resolved += plain.starts_with(R"(["resolve")");
    }
  }
  EXPECT_GT(resolved, 5000u);
}

TEST(PlainCall, ReadsWhatIsUsuallySent) {
  EXPECT_TRUE(is_read("scalars", R"([1.5,true,-3,5,"x"])"));
  EXPECT_TRUE(is_read("numbers", "[[[1,null,2.5]]]"));
  EXPECT_TRUE(
      is_read("person", R"([{"name":"a","age":1,"pets":[[{"name":"b","is_tame":true}]]}])"));
  EXPECT_TRUE(is_read("person", R"([{"pets":[[]],"name":"a"}])"));
  EXPECT_TRUE(is_read("tree", R"([{"id":1,"children":[[{"id":2,"children":[[]]}]]}])"));
  EXPECT_TRUE(is_read("later", R"([[["a","b"]]])"));
}

TEST(PlainCall, LeavesEverythingElseToTheGeneralWay) {
  EXPECT_FALSE(is_read("scalars", R"([1.5,true,-3,5])"));
  EXPECT_FALSE(is_read("scalars", R"([1.5,true,-3,5,"x",1])"));
  EXPECT_FALSE(is_read("scalars", R"([1.5,true,-300,5,"x"])"));
  EXPECT_FALSE(is_read("scalars", R"([["nan"],true,-3,5,"x"])"));
  EXPECT_FALSE(is_read("person", R"([{"name":"a","pets":[[]],"other":1}])"));
  EXPECT_FALSE(is_read("person", R"([{"name":"a","name":"a","pets":[[]]}])"));
  EXPECT_FALSE(is_read("viewLater", R"(["x"])"));  // the view would outlive the message
  EXPECT_FALSE(is_read("odd", R"([{"toString":1}])"));
  EXPECT_FALSE(is_read("countTo", "[3]"));
  EXPECT_EQ(plain_answer("countTo", "[3]"), general_answer("countTo", "[3]"));
  EXPECT_FALSE(is_read("unknown", "[]"));
  EXPECT_FALSE(is_read("toString", "[]"));
}

TEST(PlainCall, NestsNoDeeperThanOtherwise_L2) {
  EXPECT_TRUE(is_read("matrix", "[[[[[1]]]]]", 4));
  EXPECT_FALSE(is_read("matrix", "[[[[[1]]]]]", 2));
  std::string deep = R"({"id":1,"children":[[]]})";
  for (int i = 0; i < 140; ++i) {
    ASSERT_EQ(plain_answer("tree", '[' + deep + ']'), general_answer("tree", '[' + deep + ']'));
    deep = R"({"id":1,"children":[[)" + deep + "]]}";
  }
}

TEST(PlainResult, CanBeLookedIntoAsAnyOther_C13) {
  Session session(to_value(std::make_shared<Plain>()));
  session.receive(R"(["push",["pipeline",0,["matrix"],[[[[[1,2]],[[3,4]]]]]]])");
  session.receive(R"(["push",["pipeline",1,[1,0]]])");
  session.receive(R"(["push",["pipeline",0,["numbers"],[["pipeline",1,[0]]]]])");
  session.receive(R"(["push",["remap",1,[],[],[["pipeline",0,[1]]]]])");
  session.receive(R"(["push",["pipeline",4,[1]]])");
  for (const char* pull : {R"(["pull",1])", R"(["pull",2])", R"(["pull",3])", R"(["pull",5])"})
    session.receive(pull);
  std::string all;
  Outbox outbox;
  send_output(session, outbox, [&all](std::string_view message) { all.append(message) += '\n'; });
  EXPECT_EQ(all, R"(["resolve",1,[[[[1,2]],[[3,4]]]]])"
                 "\n"
                 R"(["resolve",2,3])"
                 "\n"
                 R"(["resolve",3,[[1,2]]])"
                 "\n"
                 R"(["resolve",5,4])"
                 "\n");
}

struct Extremes {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  std::int64_t exact = -(std::int64_t{1} << 53);
  double infinite = -std::numeric_limits<double>::infinity();
  std::string text = "\x01\"\xF0\x9F\x98\x80";
  std::optional<bool> none;
  std::vector<bool> flags = {true, false};
};
struct Nothing {
  std::optional<int> none;
};

template <class T>
std::string written(const T& value) {
  detail::PlainWriter writer;
  Convert<T>::write(writer, value);
  return writer.take();
}

TEST(PlainWriter, WritesWhatSerializingWrites) {
  static_assert(detail::is_plain<Extremes> && detail::is_plain<Node>);
  EXPECT_EQ(written(Extremes{}), serialize(Convert<Extremes>::encode(Extremes{})));
  EXPECT_EQ(written(Nothing{}), "{}");
  EXPECT_EQ(written(std::vector<std::optional<double>>{1, {}, 0.5}), R"([[1,["undefined"],0.5]])");
  EXPECT_EQ(
      written(std::vector<std::string>(2000, "word")),
      serialize(Convert<std::vector<std::string>>::encode(std::vector<std::string>(2000, "word"))));
}

TEST(PlainWriter, LeavesToOthersWhatTextCannotKeep_V8_V33) {
  EXPECT_EQ(written(std::vector<double>{-0.0}), "");
  Node node{0, {}};
  for (int i = 0; i < 300; ++i) {
    Node outer{0, {}};
    outer.children.push_back(std::move(node));
    node = std::move(outer);
  }
  EXPECT_EQ(written(node), "");
}

}  // namespace
}  // namespace capnweb::testing

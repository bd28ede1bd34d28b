// service.hpp: what the benchmarks call, written as any application would write it.
#pragma once

#include <capnweb/capnweb.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

struct Item {
  int id;
  std::string name;
  bool ok;
};

class Profile {
 public:
  explicit Profile(std::int64_t id) : id_(id) {}
  std::string name() const { return "user " + std::to_string(id_); }

  struct Rpc {
    capnweb::Method<&Profile::name> name;
  };

 private:
  std::int64_t id_;
};

class User {
 public:
  explicit User(std::int64_t id) : id_(id) {}
  std::unique_ptr<Profile> profile() const { return std::make_unique<Profile>(id_); }

  struct Rpc {
    capnweb::Method<&User::profile> profile;
  };

 private:
  std::int64_t id_;
};

class Service {
 public:
  Service() {
    for (int i = 0; i < 100; ++i) items_.push_back({i, "item " + std::to_string(i), i % 2 == 0});
  }

  double add(double a, double b) const { return a + b; }
  std::string echo(std::string text) const { return text; }
  double take(const std::string& text) const { return static_cast<double>(text.size()); }
  double sum(const std::vector<double>& numbers) const {
    double total = 0;
    for (const double number : numbers) total += number;
    return total;
  }
  const std::vector<Item>& list() const { return items_; }
  std::unique_ptr<User> authenticate(std::int64_t id) const { return std::make_unique<User>(id); }
  capnweb::Task<double> call_me(capnweb::Function<double(double)> function, double x) const {
    co_return co_await function(x);
  }

  // Takes everything and keeps nothing.
  capnweb::WritableStream<std::string> open_sink() const {
    return capnweb::make_sink<std::string>([](const std::string&) {});
  }

  struct Rpc {
    capnweb::Method<&Service::add> add;
    capnweb::Method<&Service::echo> echo;
    capnweb::Method<&Service::take> take;
    capnweb::Method<&Service::sum> sum;
    capnweb::Method<&Service::list> list;
    capnweb::Method<&Service::authenticate> authenticate;
    capnweb::Method<&Service::call_me, "callMe"> call_me;
    capnweb::Method<&Service::open_sink, "openSink"> open_sink;
  };

 private:
  std::vector<Item> items_;
};

}  // namespace bench

// calculator-batch: three calls, two of which need the first one's result, in one HTTP request. It
// plays both sides, so that the server can count.
#include <capnweb/capnweb.hpp>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

struct User {
  int id;
  std::string name;
};
struct Profile {
  std::string city;
};

class Directory {
 public:
  User get_user(const std::string& name) const { return {.id = 7, .name = name}; }
  Profile get_profile(int id) const { return {.city = id == 7 ? "Paris" : "nowhere"}; }
  std::vector<std::string> get_posts(int id) const {
    const std::string by = " by user " + std::to_string(id);
    return {"First words" + by, "Last words" + by};
  }

  struct Rpc {
    capnweb::Method<&Directory::get_user, "getUser"> get_user;
    capnweb::Method<&Directory::get_profile, "getProfile"> get_profile;
    capnweb::Method<&Directory::get_posts, "getPosts"> get_posts;
  };
};

capnweb::Task<> run_both_sides() {
  int requests = 0;
  // A batch is a session of its own, so this is called for every request.
  const auto count_request = [&requests] {
    ++requests;
    return std::make_unique<Directory>();
  };
  capnweb::Server server({}, count_request);

  capnweb::BatchClient client(server.url());
  const auto api = client.batch<Directory>();
  const auto user = api->get_user("alice");
  const auto id = user[&User::id];  // of a user who has not come yet
  const auto [alice, profile, posts] =
      co_await capnweb::when_all(user, api->get_profile(id), api->get_posts(id));

  std::cout << "user:    " << alice.name << ", id " << alice.id << '\n';
  std::cout << "profile: lives in " << profile.city << '\n';
  for (const auto& post : posts) std::cout << "post:    " << post << '\n';
  std::cout << "3 calls, HTTP requests: " << requests << '\n';
}

int main() {
  try {
    capnweb::run(run_both_sides());
  } catch (const std::exception& error) {
    std::cerr << "calculator-batch: " << error.what() << '\n';
    return 1;
  }
}

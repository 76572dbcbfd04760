// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern char** environ;

namespace binarly::testing {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

class file_actions {
 public:
  file_actions() { posix_spawn_file_actions_init(&actions_); }
  ~file_actions() { posix_spawn_file_actions_destroy(&actions_); }
  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;

  void open(int descriptor, const fs::path& path, int flags) {
    const int error =
        posix_spawn_file_actions_addopen(&actions_, descriptor, path.c_str(), flags, 0600);
    if (error != 0) fail(error, path.string());
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

/// What ends a process ends it, also where whoever runs the tests has nohup ignore SIGHUP, or a
/// shell ignore SIGINT.
class spawn_attributes {
 public:
  spawn_attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t ending;
    sigemptyset(&ending);
    for (const int number : {SIGHUP, SIGINT, SIGTERM})
      sigaddset(&ending, number);
    posix_spawnattr_setsigdefault(&attributes_, &ending);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
  }
  ~spawn_attributes() { posix_spawnattr_destroy(&attributes_); }
  spawn_attributes(const spawn_attributes&) = delete;
  spawn_attributes& operator=(const spawn_attributes&) = delete;

  [[nodiscard]] const posix_spawnattr_t* get() const noexcept { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts)
    all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> merged_environment(const std::vector<std::string>& additions) {
  std::vector<std::string> all = additions;
  for (char** inherited = environ; *inherited != nullptr; ++inherited) {
    const std::string_view entry = *inherited;
    const std::string_view name = entry.substr(0, entry.find('=') + 1);
    const bool replaced = std::ranges::any_of(
        additions, [name](const std::string& added) { return added.starts_with(name); });
    if (!replaced) all.emplace_back(entry);
  }
  return all;
}

class loopback_socket {
 public:
  explicit loopback_socket(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (descriptor_ < 0) fail(errno, "socket");
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address_.sin_port = htons(port);
  }
  ~loopback_socket() { ::close(descriptor_); }
  loopback_socket(const loopback_socket&) = delete;
  loopback_socket& operator=(const loopback_socket&) = delete;

  bool connect() { return ::connect(descriptor_, address(), sizeof address_) == 0; }
  std::uint16_t bind() {
    socklen_t size = sizeof address_;
    if (::bind(descriptor_, address(), size) != 0 ||
        ::getsockname(descriptor_, address(), &size) != 0) {
      fail(errno, "bind");
    }
    return ntohs(address_.sin_port);
  }

 private:
  sockaddr* address() { return reinterpret_cast<sockaddr*>(&address_); }

  int descriptor_;
  sockaddr_in address_{};
};

}  // namespace

temporary_directory::temporary_directory() {
  std::string pattern = (fs::temp_directory_path() / "binarly-images-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) fail(errno, pattern);
  path_ = pattern;
}

temporary_directory::~temporary_directory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path temporary_directory::write(const fs::path& name, std::string_view text) const {
  const fs::path where = path_ / name;
  fs::create_directories(where.parent_path());
  std::ofstream file(where, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + where.string());
  return where;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::uint16_t free_port() { return loopback_socket(0).bind(); }

class deaf_port::socket : public loopback_socket {
 public:
  socket() : loopback_socket(0) {}
};

deaf_port::deaf_port() : socket_(std::make_unique<socket>()), number_(socket_->bind()) {}

deaf_port::~deaf_port() = default;

bool accepts_connections(std::uint16_t port) { return loopback_socket(port).connect(); }

child_process::child_process(const std::vector<std::string>& arguments,
                             const std::vector<std::string>& environment, std::string_view input) {
  file_actions actions;
  actions.open(STDIN_FILENO, directory_.write("input", input), O_RDONLY);
  actions.open(STDOUT_FILENO, directory_.write("output", {}), O_WRONLY | O_APPEND);
  actions.open(STDERR_FILENO, directory_.write("errors", {}), O_WRONLY | O_APPEND);

  std::vector<std::string> words = arguments;
  std::vector<std::string> variables = merged_environment(environment);
  const spawn_attributes attributes;
  const int error = ::posix_spawnp(&id_, words.at(0).c_str(), actions.get(), attributes.get(),
                                   pointers(words).data(), pointers(variables).data());
  if (error != 0) fail(error, words.at(0));
}

child_process::~child_process() {
  if (status_) return;
  ::kill(id_, SIGKILL);
  while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void child_process::signal(int number) const {
  // Once it was waited for, its number may be another process's.
  if (!status_) ::kill(id_, number);
}

bool child_process::running() {
  if (status_) return false;
  int status = 0;
  const pid_t ended = ::waitpid(id_, &status, WNOHANG);
  if (ended < 0 && errno != EINTR) fail(errno, "waitpid");
  if (ended != id_) return true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

int child_process::wait(std::chrono::seconds bound) {
  const auto end = std::chrono::steady_clock::now() + bound;
  while (running()) {
    if (std::chrono::steady_clock::now() > end) {
      signal(SIGKILL);
      throw std::runtime_error("a process took longer than " + std::to_string(bound.count()) +
                               " s; it wrote: " + errors());
    }
    ::poll(nullptr, 0, 2);
  }
  return *status_;
}

}  // namespace binarly::testing

// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_PROCESS_HPP
#define BINARLY_TESTS_SUPPORT_PROCESS_HPP

#include "support/patience.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace binarly::testing {

/// A fresh directory, removed with all that is in it at the end.
class temporary_directory {
 public:
  temporary_directory();
  ~temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Writes a file, its directories too, and says where it is.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// A port of 127.0.0.1 that nothing listens on at this moment: for a server that is about to, and
/// that is started again if somebody else was faster.
[[nodiscard]] std::uint16_t free_port();

/// A port of 127.0.0.1 that refuses connections as long as this lives: it is bound, so that nobody
/// else can take it, and nothing listens on it.
class deaf_port {
 public:
  deaf_port();
  ~deaf_port();

  [[nodiscard]] std::uint16_t number() const noexcept { return number_; }

 private:
  class socket;
  std::unique_ptr<socket> socket_;
  std::uint16_t number_;
};

/// Whether 127.0.0.1 accepts a connection on the port.
[[nodiscard]] bool accepts_connections(std::uint16_t port);

/// A process that ends with its object, at the latest.
class child_process {
 public:
  /// The program is looked up in PATH unless it has a slash. `environment` adds `NAME=value` to
  /// what is inherited; `input` is the standard input. Throws `std::system_error`.
  explicit child_process(const std::vector<std::string>& arguments,
                         const std::vector<std::string>& environment = {},
                         std::string_view input = {});
  /// Kills it.
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  void signal(int number) const;
  [[nodiscard]] bool running();
  /// Its exit status, or 128 and the signal's number. One that takes longer than the bound is
  /// killed, and `std::runtime_error` thrown.
  int wait(std::chrono::seconds bound = patience);

  /// What it wrote so far; all of it, once it has ended.
  [[nodiscard]] std::string output() const { return read_file(directory_.path() / "output"); }
  [[nodiscard]] std::string errors() const { return read_file(directory_.path() / "errors"); }

 private:
  temporary_directory directory_;
  pid_t id_ = -1;
  std::optional<int> status_;
};

}  // namespace binarly::testing

#endif

// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/process.hpp"
#include "tools/exit_code.hpp"
#include "tools/output_place.hpp"
#include "tools/unfinished_file.hpp"
#include "tools/whole_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace binarly::tools {

namespace {

namespace fs = std::filesystem;
using testing::read_file;
using testing::temporary_directory;

std::string descriptor_path(int file) { return "/dev/fd/" + std::to_string(file); }

/// The error of making it or of writing the text to it; none where it was written.
std::optional<command_error> error_of(const fs::path& path, const std::string& text = "new") {
  try {
    whole_file(path.string(), "the report", "--report").write([&](std::ostream& out) {
      out << text;
    });
  } catch (const command_error& error) {
    return error;
  }
  return std::nullopt;
}

bool says(const std::optional<command_error>& error, const std::string& part) {
  return error && std::string(error->what()).find(part) != std::string::npos;
}

std::size_t files_in(const fs::path& directory) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

unsigned mode_of(const fs::path& path) {
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777U;
}

ino_t number_of(const fs::path& path) {
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_ino;
}

/// Runs the function in a process of its own. How that ended, as a shell tells it.
template <class Function>
int in_child(Function function) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(function());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

TEST_CASE("whole file: it is tried first, and nothing of that is left") {
  const temporary_directory directory;
  const auto path = directory.path() / "out";
  const whole_file file(path.string(), "the report", "--report");
  CHECK(files_in(directory.path()) == 0);
  const auto old = directory.write("out", "old");
  const whole_file again(path.string(), "the report", "--report");
  CHECK(read_file(path) == "old");
  CHECK(files_in(directory.path()) == 1);
  file.write([](std::ostream& out) { out << "new"; });
  CHECK(read_file(path) == "new");
  CHECK(files_in(directory.path()) == 1);
  const whole_file none("", "the report", "--report");
  CHECK_FALSE(none.wanted());
  none.write([](std::ostream&) { FAIL("nobody wants it"); });
}

TEST_CASE("whole file: what cannot be written is a mistake of the command line") {
  const temporary_directory directory;
  const auto file = directory.write("file", "x");
  for (const auto& [path, why] :
       {std::pair<fs::path, const char*>{directory.path() / "absent" / "out", "No such file"},
        {file / "out", "Not a directory"},
        {directory.path(), "Is a directory"},
        {"/proc/binarly-images", "No such file"},
        {"/dev/fd/999", "Bad file descriptor"},
        {directory.path() / std::string(300, 'x'), "File name too long"}}) {
    CAPTURE(path);
    const auto error = error_of(path);
    REQUIRE(error);
    CHECK(error->code() == exit_code::usage);
    CHECK(says(error, why));
    CHECK(says(error, "nothing was begun; check --report"));
  }
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("whole file: what fails later leaves the old file, and nothing beside it") {
  const temporary_directory directory;
  const auto path = directory.write("out", "old");
  const whole_file file(path.string(), "the report", "--report");
  CHECK_THROWS_AS(file.write([](std::ostream& out) {
    out << "half";
    throw command_error(exit_code::usage, "the source broke");
  }),
                  command_error);
  CHECK(read_file(path) == "old");
  CHECK(files_in(directory.path()) == 1);
  const auto full = error_of("/dev/full");
  REQUIRE(full);
  CHECK(full->code() == exit_code::unavailable);
  CHECK(says(full, "could not be written to /dev/full: No space left"));
}

TEST_CASE("whole file: owner, mode and links stay") {
  const temporary_directory directory;
  const auto path = directory.write("out", "old");
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  const bool root = ::geteuid() == 0;
  if (root) REQUIRE(::chown(path.c_str(), 4321, 1234) == 0);
  const auto number = number_of(path);
  fs::create_symlink("out", directory.path() / "link");
  fs::create_symlink(directory.path() / "link", directory.path() / "second");
  CHECK_FALSE(error_of(directory.path() / "second"));
  CHECK(read_file(path) == "new");
  CHECK(mode_of(path) == 0640);
  CHECK(number_of(path) != number);
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  if (root) {
    CHECK(about.st_uid == 4321);
    CHECK(about.st_gid == 1234);
  }
  CHECK(fs::is_symlink(directory.path() / "link"));
  CHECK(fs::is_symlink(directory.path() / "second"));
  // One whose target is not there yet.
  fs::create_symlink("absent", directory.path() / "third");
  CHECK_FALSE(error_of(directory.path() / "third"));
  CHECK(fs::is_symlink(directory.path() / "third"));
  CHECK(read_file(directory.path() / "absent") == "new");
  // A long name leaves room for no longer one beside it.
  CHECK_FALSE(error_of(directory.path() / std::string(255, 'x')));
}

TEST_CASE("whole file: what is open already is written to where it stands") {
  const temporary_directory directory;
  const auto path = directory.write("log", "before\n");
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND);
  REQUIRE(file >= 0);
  CHECK(descriptor_named(descriptor_path(file)) == file);
  CHECK(descriptor_named("/proc/self/fd/" + std::to_string(file)) == file);
  CHECK(descriptor_named("/dev/stdout") == 1);
  CHECK(descriptor_named("-") == 1);
  CHECK_FALSE(descriptor_named("/dev/null"));
  CHECK_FALSE(descriptor_named(path.string()));
  fs::create_symlink(descriptor_path(file), directory.path() / "link");
  CHECK(descriptor_named((directory.path() / "link").string()) == file);
  CHECK_FALSE(error_of(descriptor_path(file), "one\n"));
  CHECK_FALSE(error_of(directory.path() / "link", "two\n"));
  CHECK(read_file(path) == "before\none\ntwo\n");
  // Another process's is opened as its file, and never replaced.
  const auto number = number_of(path);
  CHECK_FALSE(error_of("/proc/" + std::to_string(::getpid()) + "/task/" +
                           std::to_string(::getpid()) + "/fd/" + std::to_string(file),
                       "three\n"));
  CHECK(number_of(path) == number);
  // What this process has opened for itself is nobody's output.
  REQUIRE(::fcntl(file, F_SETFD, FD_CLOEXEC) == 0);
  CHECK(says(error_of(descriptor_path(file)), "Bad file descriptor"));
  ::close(file);
  const int input = ::open(path.c_str(), O_RDONLY);
  CHECK(says(error_of(descriptor_path(input)), "Bad file descriptor"));
  ::close(input);
}

TEST_CASE("whole file: a pipe is written to, and opened for that alone") {
  const temporary_directory directory;
  const auto pipe = directory.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  // Without a reader, to open it would wait for one.
  const whole_file file(pipe.string(), "the report", "--report");
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  file.write([](std::ostream& out) { out << "text"; });
  std::string read(10, ' ');
  CHECK(::read(reader, read.data(), read.size()) == 4);
  CHECK(read.starts_with("text"));
  CHECK(::read(reader, read.data(), read.size()) == 0);
  ::close(reader);
  CHECK(fs::is_fifo(pipe));
  CHECK_FALSE(error_of("/dev/null"));
}

TEST_CASE("whole file: whether a file can be replaced") {
  replacement file;
  file.user = file.owner = file.directory_owner = 1000;
  CHECK(can_be_replaced(file));
  file.mounted = true;
  CHECK_FALSE(can_be_replaced(file));
  file.mounted = false;
  file.fixed = true;
  CHECK_FALSE(can_be_replaced(file));
  file.fixed = false;
  file.sticky = true;
  CHECK(can_be_replaced(file));
  file.owner = 1001;
  CHECK(can_be_replaced(file));
  file.directory_owner = 0;
  CHECK_FALSE(can_be_replaced(file));
  file.user = 0;
  CHECK(can_be_replaced(file));
  for (const int error : {EACCES, EPERM, EROFS, EBUSY, EXDEV, ENAMETOOLONG})
    CHECK(may_write_in_place(error));
  for (const int error : {0, ENOSPC, EDQUOT, EIO, ENOENT, EISDIR, ENOTDIR})
    CHECK_FALSE(may_write_in_place(error));
}

TEST_CASE("whole file: where the directory takes no other file, it is written in place") {
  const temporary_directory directory;
  const auto folder = directory.path() / "folder";
  fs::create_directory(folder);
  const auto path = directory.write("folder/out", "an older and longer text");
  REQUIRE(::chmod(path.c_str(), 0666) == 0);
  REQUIRE(::chmod(folder.c_str(), 0555) == 0);
  REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
  const auto number = number_of(path);
  CHECK(in_child([&] {
          // Root may do everything.
          if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) return 3;
          if (error_of(path)) return 1;
          const auto absent = error_of(folder / "absent");
          return says(absent, "Permission denied") && absent->code() == exit_code::usage ? 0 : 2;
        }) == 0);
  CHECK(read_file(path) == "new");
  CHECK(number_of(path) == number);
  CHECK(files_in(folder) == 1);
}

TEST_CASE("whole file: in another user's sticky directory it is written in place") {
  if (::geteuid() != 0) return;
  const temporary_directory directory;
  const auto path = directory.write("out", "old");
  REQUIRE(::chmod(path.c_str(), 0666) == 0);
  REQUIRE(::chmod(directory.path().c_str(), 01777) == 0);
  const auto number = number_of(path);
  CHECK(in_child([&] {
          if (::setgid(65534) != 0 || ::setuid(65534) != 0) return 3;
          return error_of(path) ? 1 : 0;
        }) == 0);
  CHECK(read_file(path) == "new");
  CHECK(number_of(path) == number);
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("whole file: what cannot be moved is copied") {
  const temporary_directory directory;
  const auto path = directory.write("out", "an older and longer text");
  unfinished_file file(find_place(path.string()));
  REQUIRE(file.error() == 0);
  REQUIRE(::write(file.descriptor(), "new", 3) == 3);
  CHECK(file.copy_to_place() == 0);
  CHECK(read_file(path) == "new");
}

TEST_CASE("whole file: a signal meanwhile leaves nothing behind") {
  const temporary_directory directory;
  const auto path = directory.write("out", "old");
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    CAPTURE(number);
    CHECK(in_child([&] {
            std::signal(number, SIG_DFL);
            const auto error = error_of(path);
            // Once it is written, the signal has its old meaning.
            struct sigaction action {};
            ::sigaction(number, nullptr, &action);
            if (error || action.sa_handler != SIG_DFL) return 1;
            whole_file(path.string(), "", "").write([&](std::ostream& out) {
              out << std::string(100'000, 'x');
              ::raise(number);
            });
            return 2;
          }) == 128 + number);
    CHECK(read_file(path) == "new");
    CHECK(files_in(directory.path()) == 1);
    // As under nohup.
    CHECK(in_child([&] {
            std::signal(number, SIG_IGN);
            whole_file(path.string(), "", "").write([&](std::ostream& out) {
              ::raise(number);
              out << "new";
            });
            return 0;
          }) == 0);
  }
}

}  // namespace binarly::tools

// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "measured_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sched.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace binarly::bench {
namespace {

constexpr std::chrono::minutes longest_wait{2};

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

cpu_set_t set_of(unsigned core) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(core, &only);
  return only;
}

seconds of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

/// In the child. Nothing here allocates, since other threads may have held a lock at the fork.
[[noreturn]] void become(char** words, const cpu_set_t& core, int output) {
  ::dup2(output, STDOUT_FILENO);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // survives exec
  if (::sched_setaffinity(0, sizeof core, &core) == 0) ::execv(words[0], words);
  ::_exit(127);
}

}  // namespace

core_pair choose_cores() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) fail("sched_getaffinity");
  std::vector<unsigned> cores;
  for (unsigned core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &allowed)) cores.push_back(core);
  }
  if (cores.size() < 2) throw std::runtime_error("server and client need a core each");
  return {cores.front(), cores.back()};
}

void pin(unsigned core) {
  const cpu_set_t only = set_of(core);
  if (::sched_setaffinity(0, sizeof only, &only) != 0) fail("sched_setaffinity");
}

seconds processor_time(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(file, line);
  // The second field is a name in brackets; user and system time are the 14th and 15th.
  const auto name_end = line.rfind(')');
  if (name_end == line.npos) throw std::runtime_error("cannot read what the server used");
  std::istringstream rest(line.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field)
    rest >> skipped;
  double user = 0;
  double system = 0;
  rest >> user >> system;
  return seconds((user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK)));
}

pinned_process::pinned_process(std::vector<std::string> words, unsigned core)
    : name_(words.at(0)), begun_(std::chrono::steady_clock::now()) {
  std::vector<char*> pointers;
  for (auto& word : words)
    pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const cpu_set_t only = set_of(core);
  std::array<int, 2> pipe{-1, -1};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) fail("pipe2");
  // Not posix_spawn, whose child begins in its parent's memory and would count the parent's peak.
  id_ = ::fork();
  if (id_ == 0) become(pointers.data(), only, pipe[1]);
  output_ = pipe[0];
  ::close(pipe[1]);
  if (id_ < 0) fail("fork");
}

pinned_process::~pinned_process() {
  if (output_ >= 0) ::close(output_);
  if (id_ < 0) return;
  ::kill(id_, SIGKILL);
  while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool pinned_process::running() {
  siginfo_t ended{};
  return ::waitid(P_PID, static_cast<id_t>(id_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid == 0;
}

std::string pinned_process::read_output() const {
  const auto end = begun_ + longest_wait;
  std::string all;
  std::array<char, 4096> piece{};
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd watched{output_, POLLIN, 0};
    const int ready = left.count() > 0 ? ::poll(&watched, 1, static_cast<int>(left.count())) : 0;
    if (ready == 0) throw std::runtime_error(name_ + " took too long");
    const ssize_t count = ready > 0 ? ::read(output_, piece.data(), piece.size()) : -1;
    if (count == 0) return all;
    if (count < 0 && errno != EINTR) fail(name_);
    if (count > 0) all.append(piece.data(), static_cast<std::size_t>(count));
  }
}

usage pinned_process::wait() {
  usage used;
  used.output = read_output();
  int status = 0;
  rusage counted{};
  while (::wait4(id_, &status, 0, &counted) < 0) {
    if (errno != EINTR) fail("wait4");
  }
  id_ = -1;
  used.wall = std::chrono::steady_clock::now() - begun_;
  used.processor = of(counted.ru_utime) + of(counted.ru_stime);
  used.peak_mib = static_cast<double>(counted.ru_maxrss) / 1024;
  if (WIFSIGNALED(status)) {
    throw std::runtime_error(name_ + " was ended by signal " + std::to_string(WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) != 0) {
    throw std::runtime_error(name_ + " ended with exit status " +
                             std::to_string(WEXITSTATUS(status)));
  }
  return used;
}

}  // namespace binarly::bench

// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/whole_file.hpp"

#include "tools/descriptor_buffer.hpp"
#include "tools/exit_code.hpp"
#include "tools/output_place.hpp"
#include "tools/text.hpp"
#include "tools/unfinished_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <iostream>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace binarly::tools {

namespace {

using content_writer = std::function<void(std::ostream&)>;

/// Closes what it was given. Each of the functions below comes back with zero or the `errno`.
class open_file {
 public:
  explicit open_file(int file) : file_(file) {}
  ~open_file() {
    if (file_ >= 0) ::close(file_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  [[nodiscard]] int get() const noexcept { return file_; }
  [[nodiscard]] int close() { return ::close(std::exchange(file_, -1)) == 0 ? 0 : errno; }

 private:
  int file_;
};

int fill(int file, const content_writer& content) {
  descriptor_buffer buffer(file, descriptor_buffer::loss::fails);
  std::ostream out(&buffer);
  content(out);
  if (out.flush()) return 0;
  return buffer.error() != 0 ? buffer.error() : EIO;
}

int fill_opened(int opened, const content_writer& content) {
  if (opened < 0) return errno;
  open_file file(opened);
  const int error = fill(file.get(), content);
  const int closing = file.close();
  return error != 0 ? error : closing;
}

int write_to_descriptor(int descriptor, const content_writer& content) {
  // What was said there before stands before it.
  if (descriptor == STDOUT_FILENO) std::cout.flush();
  return fill_opened(::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), content);
}

int open_there(const std::string& path, int flags) {
  return ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | flags);
}

int try_in_place(const std::string& path) {
  const open_file file(open_there(path, O_NONBLOCK));
  return file.get() < 0 ? errno : 0;
}

int try_device(const output_place& place) {
  // To open a pipe would wake its reader, and to close it would be the end of what he reads.
  if (!S_ISFIFO(place.there.st_mode)) return try_in_place(place.path);
  return ::faccessat(AT_FDCWD, place.path.c_str(), W_OK, AT_EACCESS) == 0 ? 0 : errno;
}

int try_new(const output_place& place) {
  int error = unfinished_file(place).error();
  if (place.exists && may_write_in_place(error)) error = try_in_place(place.path);
  return error;
}

}  // namespace

whole_file::whole_file(std::string path, std::string what, std::string option)
    : path_(std::move(path)), what_(std::move(what)), option_(std::move(option)) {
  if (!wanted()) return;
  const int why = trial();
  if (why == 0) return;
  throw command_error(exit_code::usage, what_ + " cannot be written to " + printable(path_) + ": " +
                                            std::generic_category().message(why) +
                                            "; nothing was begun; check " + option_);
}

int whole_file::trial() const {
  const output_place place = find_place(path_);
  if (place.error != 0) return place.error;
  switch (place.how) {
    case writing::descriptor:
      return why_not_writable(place.descriptor);
    case writing::device:
      return try_device(place);
    case writing::in_place:
      return try_in_place(place.path);
    case writing::replaced:
      return try_new(place);
  }
  return EINVAL;
}

void whole_file::write(const content_writer& content) const {
  if (!wanted()) return;
  const output_place place = find_place(path_);
  int why = EINVAL;
  switch (place.how) {
    case writing::descriptor:
      why = write_to_descriptor(place.descriptor, content);
      break;
    case writing::device:
      why = fill_opened(open_there(place.path, 0), content);
      break;
    case writing::in_place:
      why = fill_opened(open_there(place.path, O_TRUNC), content);
      break;
    case writing::replaced:
      why = write_new(place, content);
      break;
  }
  if (why == 0) return;
  throw command_error(exit_code::unavailable,
                      what_ + " could not be written to " + printable(path_) + ": " +
                          std::generic_category().message(why) + "; check " + option_);
}

int whole_file::write_new(const output_place& place, const content_writer& content) const {
  unfinished_file file(place);
  if (place.exists && may_write_in_place(file.error())) {
    return fill_opened(open_there(place.path, O_TRUNC), content);
  }
  if (file.error() != 0) return file.error();
  int error = fill(file.descriptor(), content);
  if (error == 0) error = file.take_place();
  if (place.exists && may_write_in_place(error)) error = file.copy_to_place();
  return error;
}

}  // namespace binarly::tools

fn main() -> std::process::ExitCode {
    lantern::cli::main(std::env::args_os()).into()
}

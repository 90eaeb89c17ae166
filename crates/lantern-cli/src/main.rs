fn main() -> std::process::ExitCode {
    lantern_cli::main(std::env::args_os()).into()
}

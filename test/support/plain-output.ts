// What a test reads of a process that it started is plain text, whatever the terminal or CI asks for.
process.env.NO_COLOR = '1';
// Node warns on standard error of a process that has both.
delete process.env.FORCE_COLOR;

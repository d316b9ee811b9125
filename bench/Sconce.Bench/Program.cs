using Sconce.Bench;

// bench/run [GROUP…]: each task in a process of its own, in turn with its peer; prints a table. --help lists the groups.
return args is ["worker", ..] ? Worker.Run(args[1..]) : Comparison.Run(args);

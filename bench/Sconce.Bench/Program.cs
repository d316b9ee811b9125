using Sconce.Bench;

// bench/run [overhead|forward|train|cold …]: each task in a process of its own, in turn with Python's PyTorch; prints a table.
return args is ["worker", ..] ? Worker.Run(args[1..]) : Comparison.Run(args);

from aquavision.commands import main

main()

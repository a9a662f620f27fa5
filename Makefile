# The same as the scripts it calls, for those who have make.
.PHONY: demo test check docs clean

demo:           ## sets everything up and forecasts a sample, with a picture, into demo/
	@scripts/demo.sh

test:           ## sets everything up and runs the tests
	@scripts/test.sh

check:          ## everything CI does
	@.ci/run

docs:           ## regenerates docs/cli.md, the outputs in README.md and docs/, and the pictures
	@scripts/environment.sh train dev
	@.venv/bin/python scripts/generate_docs.py

clean:          ## removes the environments and the demo
	rm -rf .venv .venv-base demo
